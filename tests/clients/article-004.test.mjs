// The client of article 004, unmodified, in two tabs of a real Chromium: its service worker, its focus
// manager and its coalescer, on a thin stand-in for the SDK that does not exist. What the guest types
// arrives. The rest does not work, and what of it passes the cloud is named by the verdict.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { launch, mock, open } from "../browser/chromium.mjs";
import { article, listings, missing } from "./article.mjs";
import { site } from "./site.mjs";

const lines = article("004");
const OPERATIONAL = "Multi-tab messaging client operational";

const PAGE = `<!doctype html><title>Article 004</title><link rel="icon" href="data:,">
<script type="importmap">{"imports": {"@genesyscloud/web-messaging-sdk": "./sdk.js"}}</script>
<script type="module" src="main.js"></script>`;

/** Every file that a browser asks for: five are the article's, four it only speaks of. */
const texts = () => ({
  "auth.js": listings(lines, ["// auth.js", "The refreshGuestTokenViaAPI function"]),
  "sw.js": listings(lines, ["// sw.js", "The service worker exposes"]),
  "focus-manager.js": listings(lines, ["// focus-manager.js", "The BroadcastChannel API"]),
  "message-coalescer.js": listings(lines, ["// message-coalescer.js", "The coalescer maintains"]),
  "main.js": listings(lines, ["// main.js", "This module initializes"]),
  "index.html": PAGE,
  // The article imports an SDK that does not exist.
  "sdk.js": readFileSync(new URL("sdk-stand-in.js", import.meta.url), "utf8"),
  // The article imports an "assumed helper", and has this call among its fixes.
  "sw-registration.js": "export const registerSW = () => navigator.serviceWorker.register('./sw.js');",
  // The article imports what is "extracted from sw.js logic": its own lines, and the export.
  "db-helpers.js": `${listings(lines,
    ["const DB_NAME", "self.addEventListener('install'"],
    ["async function openDatabase", "async function syncTokenToDB"],
    ["async function getTokenFromDB", "self.addEventListener('message'"])}
export { openDatabase, getTokenFromDB };`,
});

/** A tab that has or has not the focus, as with a user: Playwright would let each believe that it has. */
async function tab(context, address) {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus());
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  const operational = page.waitForEvent("console", (message) => message.text() === OPERATIONAL);
  await page.goto(address);
  await operational;
  return { page, tools, said };
}

/** The user looks at this tab, which was not looked at, up to the word that it leads. */
async function look({ page }) {
  await page.evaluate(() => {
    const channel = new BroadcastChannel("genesys-focus-channel");
    globalThis.gained = new Promise((told) => {
      channel.onmessage = ({ data }) => { if (data.type === "FOCUS_GAINED") told(); };
    });
  });
  await page.bringToFront();
  await page.evaluate(() => gained);
}

/** Puts a token where the service worker keeps it, and tells what it answers. */
const sync = ({ page }, token) => page.evaluate(async (payload) => {
  const { active } = await navigator.serviceWorker.ready;
  const answer = new Promise((told) => { navigator.serviceWorker.onmessage = ({ data }) => told(data); });
  active.postMessage({ type: "SYNC_TOKEN", payload });
  return answer;
}, token);

function tries(what, body) {
  test(what, { skip: lines ? false : missing, timeout: 120_000 }, async (t) => {
    const pages = await site(texts());
    t.after(pages.stop);
    // The article's own placeholder is the credential.
    const cloud = await mock("--oauth-token", "your-oauth-access-token", "--allow-origin", pages.origin);
    t.after(cloud.stop);
    const browser = await launch();
    t.after(() => browser.close());
    const own = (url) => url.startsWith(cloud.http);
    const board = await open(browser, cloud.control, { own });
    const context = await browser.newContext();
    const address = `${pages.origin}/index.html?cloud=${cloud.http}`;
    await body({ cloud, board: board.page, another: () => tab(context, address) });
  });
}

tries("two tabs of article 004 are heard, and the verdict names what they do wrong", async ({ cloud, board, another }) => {
  const expect = (expected) => cloud.call("POST", "expect", { within: "30s", ...expected });
  const accused = (id) => board.locator("#verdict li.bad", { hasText: `✗ ${id}` });
  const [a, b] = [await another(), await another()];

  for (const { page, text } of [{ ...a, text: "typed in A" }, { ...b, text: "typed in B" }]) {
    await page.evaluate((content) => messaging.send(content), text);
    await expect({ message: text });
  }

  // Both are told, and neither can show it: nobody has made the store of what was processed.
  const deaf = [a, b].map(({ page }) =>
    page.waitForEvent("console", (message) => message.text().startsWith("Message coalescing failed: NotFoundError")));
  await cloud.call("POST", "agent/say", { text: "How can I help?" });
  await expect({ journal: { kind: "frame-out", text: "How can I help?" }, times: 2 });
  await Promise.all(deaf);

  // Each has connected when it was opened, and only who has had the focus would give it up.
  await accused("one-socket").waitFor();

  // B has the focus before A has said that it lost it, for which A is held; so both give up.
  await look(a);
  await a.tools.send("Debugger.enable");
  await a.tools.send("DOMDebugger.setEventListenerBreakpoint", { eventName: "blur" });
  const held = new Promise((paused) => { a.tools.once("Debugger.paused", paused); });
  await look(b);
  await held;
  await a.tools.send("Debugger.disable");
  await expect({ journal: { kind: "socket-closed" }, times: 2 });
  assert.ok(await b.page.evaluate(() => document.hasFocus()));
  assert.equal((await cloud.call("GET", "status")).openSockets, 0);

  // Whoever goes to and fro makes them dial each time, at once; nobody has to do it for long.
  const broken = async () => {
    const { oracles } = await cloud.call("GET", "verdict");
    return oracles.filter(({ says }) => says !== "holds").map(({ id }) => id);
  };
  for (let to = a; !(await broken()).includes("backoff"); to = to === a ? b : a) await look(to);
  assert.deepEqual(await broken(), ["backoff", "one-socket"]);
  await accused("backoff").waitFor();
  assert.equal(await board.locator("#verdict li.good").count(), 4);
  assert.ok(![...a.said, ...b.said].some((text) => text.startsWith("Processing")), "nothing was ever shown");
});

tries("the service worker of article 004 keeps a token, until it is started again", async ({ another }) => {
  const a = await another();
  assert.deepEqual(await sync(a, "first"), { type: "TOKEN_SYNCED", success: true });
  const kept = await a.page.evaluate(async () => (await import("./db-helpers.js")).getTokenFromDB());
  assert.equal(kept, "first");
  // What it has opened it has opened for its installation.
  await a.tools.send("ServiceWorker.enable");
  await a.tools.send("ServiceWorker.stopAllWorkers");
  const { type, error } = await sync(a, "second");
  assert.equal(type, "TOKEN_SYNC_FAILED");
  assert.match(error, /undefined.*transaction/);
});
