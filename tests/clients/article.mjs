// The code of an article, as it stands in the text: its listings from a first to a last line, joined.
// Only types are taken away, which Node does not read; not a line is changed.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SEEDS = process.env.HOLDLINE_SEEDS ?? join(HERE, "../../../shared/seeds");

/** The text of the article with this number, or nothing where the articles are not. */
export function article(number) {
  const file = existsSync(SEEDS) && readdirSync(SEEDS).find((name) => name.startsWith(`${number}_`));
  return file ? readFileSync(join(SEEDS, file), "utf8").split("\n") : null;
}

export const missing = `the articles are not in ${SEEDS}; say with HOLDLINE_SEEDS where they are`;

/** Each listing begins with one line and ends before another. */
export function listings(lines, ...bounds) {
  let from = 0;
  return bounds.map(([first, behind]) => {
    const begin = lines.findIndex((line, n) => n >= from && line.startsWith(first));
    const end = lines.findIndex((line, n) => n > begin && line.startsWith(behind));
    if (begin < 0 || end < 0) throw new Error(`the article has no listing from "${first}" to "${behind}"`);
    from = end;
    return lines.slice(begin, end).join("\n");
  }).join("\n");
}

/** Writes it as a module beside the packages that it imports. */
export function module(name, typescript) {
  const { outputText } = ts.transpileModule(typescript, { compilerOptions: { target: "ES2022", module: "ESNext" } });
  const folder = join(HERE, "extracted");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, outputText);
  return file;
}
