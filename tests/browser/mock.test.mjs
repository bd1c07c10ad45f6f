// The pages of the mock as somebody uses them: a guest, an agent, and what is broken between them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mock, open } from "./chromium.mjs";

let browser, cloud;
before(async () => { browser = await launch(); cloud = await mock(); });
after(async () => { await browser.close(); cloud.stop(); });

const CLOSED = /WebSocket|ERR_|Failed to load resource/;

/** Opens both pages of a fresh tenant, and sees that nothing was loaded from elsewhere. */
function tries(what, body, options = {}) {
  test(what, async () => {
    const tenant = `t${process.hrtime.bigint()}`;
    const control = `${cloud.http}/t/${tenant}/__holdline/`;
    const own = (url) => url.startsWith(cloud.http) || url.startsWith(cloud.http.replace("http", "ws"));
    const board = await open(browser, control, { own, ...options });
    const guest = await open(browser, `${control}guest`, { own, ...options });
    const call = (method, path, body) => cloud.call(method, `../t/${tenant}/__holdline/${path}`, body);
    await guest.page.locator("#link", { hasText: "online" }).waitFor();
    await body(board.page, guest.page, call);
    const odd = [...board.complaints, ...guest.complaints].filter((text) => !CLOSED.test(text));
    assert.deepEqual(odd, [], "no error, no request to elsewhere, no dialog");
    await board.close();
    await guest.close();
  });
}

async function send(page, text) {
  await page.fill("#say", text);
  await page.press("#say", "Enter");
}

const said = (page, text) => page.locator("#talk li", { hasText: text });
const acknowledged = (page, text) => said(page, text).locator("small", { hasText: "acknowledged" });

tries("a guest and an agent talk", async (board, guest) => {
  await send(guest, "good morning");
  await acknowledged(guest, "good morning").waitFor();
  await said(board, "good morning").waitFor();
  await send(board, "hello, how can I help?");
  await said(guest, "hello, how can I help?").waitFor();
  await said(board, "hello, how can I help?").waitFor();
  assert.deepEqual(await board.locator("#talk li").evaluateAll((all) => all.map((one) => one.className)), ["guest", "agent"]);
});

tries("an ack is lost by a button, and the verdict tells of a client that lets it be", async (board, guest) => {
  await board.getByRole("button", { name: "Lose the next ack" }).click();
  await board.locator("#active li", { hasText: "ack-dropped-after-accept" }).waitFor();
  await send(guest, "is anybody there?");
  await said(board, "is anybody there?").waitFor();
  assert.equal(await acknowledged(guest, "is anybody there?").count(), 0);
  await guest.getByRole("button", { name: "send again" }).click();
  await acknowledged(guest, "is anybody there?").waitFor();
  await board.locator("#lines button[data-kind=duplicate]").first().click();
  await board.locator("#story p", { hasText: "Stored 1 time, acknowledged" }).waitFor();
  await board.press("body", "Escape");
  assert.ok(await board.locator("#story").isHidden());
});

tries("a fault is armed by the form and ended by its button", async (board, guest) => {
  await board.locator("summary", { hasText: "Any fault" }).click();
  await board.selectOption("#kind", "answer");
  await board.fill("#parameters", '{"status": 429, "retryAfter": 7, "endpoint": "guests"}');
  await board.getByRole("button", { name: "Arm it" }).click();
  await board.locator("#active li", { hasText: "answer 429" }).waitFor();
  await guest.getByRole("button", { name: "New guest" }).click();
  await guest.locator("#trouble", { hasText: "429" }).waitFor();
  await board.locator("#active li", { hasText: "answer 429" }).getByRole("button", { name: "End" }).click();
  await board.locator("#active li", { hasText: "nothing" }).waitFor();
  await board.fill("#parameters", '{"status": 429, "endpoint": "nowhere"}');
  await board.getByRole("button", { name: "Arm it" }).click();
  await board.locator("#trouble", { hasText: "nowhere" }).waitFor();
  await board.fill("#parameters", "{");
  await board.getByRole("button", { name: "Arm it" }).click();
  await board.locator("#trouble", { hasText: "JSON" }).waitFor();
});

tries("the sockets are dropped, and the guest comes back by hand", async (board, guest) => {
  await board.getByRole("button", { name: "Drop all sockets" }).click();
  await guest.locator("#link", { hasText: "offline: 1006" }).waitFor();
  await send(guest, "still here");
  await said(guest, "still here").locator("small", { hasText: "not sent: offline" }).waitFor();
  await guest.getByRole("button", { name: "Connect" }).click();
  await guest.locator("#link", { hasText: "online" }).waitFor();
  await guest.getByRole("button", { name: "send again" }).click();
  await acknowledged(guest, "still here").waitFor();
});

tries("what somebody writes is shown as text", async (board, guest) => {
  const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script> \u202eabc';
  await send(guest, markup);
  await said(board, "<img src=x").waitFor();
  await send(board, markup);
  await said(guest, "<img src=x").first().waitFor();
  for (const page of [board, guest]) assert.equal(await page.locator("#talk img, #talk script, #lines img").count(), 0);
  await board.fill("#filter", "onerror");
  await board.locator("#count", { hasText: /^[1-9]\d* of/ }).waitFor();
});

tries("ten thousand lines are a few hundred in the page", async (board, guest, call) => {
  await call("POST", "agent/say", { text: "number {n}", count: 6_000 });
  await board.locator("#count", { hasText: "of the latest 10000" }).waitFor();
  assert.ok(await board.locator("#lines li").count() <= 300);
  await board.fill("#filter", "number 5999");
  await board.locator("#lines li", { hasText: "number 5999" }).first().waitFor();
});

tries("it is steered by the keyboard alone", async (board, guest) => {
  await board.keyboard.press("a");
  await board.keyboard.type("typed without a mouse");
  await board.keyboard.press("Enter");
  await said(guest, "typed without a mouse").waitFor();
  await board.keyboard.press("Escape");
  await board.keyboard.press("/");
  await board.keyboard.type("guest-created");
  await board.locator("#count", { hasText: /^1 of/ }).waitFor();
  await board.keyboard.press("Escape");
  await board.keyboard.press("p");
  assert.equal(await board.locator("#pause").getAttribute("aria-pressed"), "true");
});

tries("the clock is put forward, and a tenant begins anew", async (board, guest) => {
  await board.getByRole("button", { name: "+30 min" }).click();
  await board.locator("#now", { hasText: /^30:/ }).waitFor();
  await board.getByRole("button", { name: "Begin anew" }).click();
  await board.locator("#guests", { hasText: "nobody yet" }).waitFor();
  await guest.locator("#link", { hasText: "offline: 1001" }).waitFor();
});

tries("it fits a phone, in the dark", async (board, guest) => {
  for (const page of [board, guest]) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
  }
  const dark = await board.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(dark, "rgb(20, 23, 26)");
}, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });

test("a control token is asked for and used", async () => {
  const guarded = await mock("--control-token", "sesame");
  const own = () => true;
  const { page, close } = await open(browser, guarded.control, { own });
  await page.locator("#token-form").waitFor();
  await page.fill("#token", "wrong");
  await page.press("#token", "Enter");
  await page.locator("#trouble", { hasText: "control token" }).waitFor();
  await page.fill("#token", "sesame");
  await page.press("#token", "Enter");
  await page.locator("#link", { hasText: "live" }).waitFor();
  await close();
  guarded.stop();
});
