// The browser and the pages of the tests: an installed Chromium with a profile of its own, and
// timelines that the `holdline` command writes. Nothing is downloaded.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { startMock } from "../../fixtures/playwright/src/mock.js";

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
export const mock = (...flags) => startMock(HOLDLINE, flags);

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
