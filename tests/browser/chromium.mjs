// The browser and the pages of the tests: an installed Chromium with a profile of its own, and
// timelines that the `holdline` command writes. Nothing is downloaded.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const HOLDLINE = process.env.HOLDLINE ?? join(HERE, "../../target/release/holdline");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** A folder that is gone when the tests are over. */
export const folder = mkdtempSync(join(tmpdir(), "holdline-browser-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

export const launch = () => chromium.launch({ executablePath: CHROMIUM, args: QUIET });

/** Plays a bundled scenario or a plan of `plans/` and returns the address of its timeline. */
export function timeline(name) {
  const plan = join(HERE, "plans", `${name}.toml`);
  const file = join(folder, `${name}.html`);
  const played = spawnSync(HOLDLINE, ["replay", existsSync(plan) ? plan : name, "--html", file], { encoding: "utf8" });
  if (!existsSync(file)) throw new Error(`${HOLDLINE} wrote no timeline of ${name}: ${played.error ?? played.stderr}`);
  return pathToFileURL(file).href;
}

/** A mock cloud of its own, on a port that the system chose. */
export async function mock(...flags) {
  const server = spawn(HOLDLINE, ["mock", "--port", "0", "--json", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  const { http, control } = JSON.parse(line);
  const call = async (method, path, body) => {
    const answer = await fetch(control + path, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text && JSON.parse(text);
  };
  return { http, control, call, stop: () => server.kill("SIGTERM") };
}

/** A page that remembers what it should not have done: `own` says which requests are its own. */
export async function open(browser, address, { own = () => false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith("data:") && !own(url)) complaints.push(`asks for ${url}`);
  });
  await page.goto(address);
  return { page, complaints, close: () => context.close() };
}
