// The timeline as somebody uses it: mouse, keyboard, fingers, paper.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, timeline } from "./chromium.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Opens a timeline, does something with it, and sees that it kept quiet meanwhile. */
function tries(what, name, body, options) {
  test(what, async () => {
    const { page, complaints, close } = await open(browser, timeline(name), options);
    await body(page);
    assert.deepEqual(complaints, [], "no error, no request, no dialog");
    await close();
  });
}

const text = (page, selector) => page.locator(selector).innerText();

/** What is asked for is drawn with the next frame. */
const drawn = (page) => page.evaluate(() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
}));

async function notes(page) {
  await drawn(page);
  return page.locator("#diagram .note").allTextContents();
}

tries("it says what run it shows", "partition-2m", async (page) => {
  assert.match(await text(page, "h1"), /^passed/);
  assert.match(await text(page, "#facts"), /partition-2m .* 6 of 6 messages delivered/s);
  assert.match(await page.title(), /Holdline$/);
});

tries("a click on a message tells its story", "partition-2m", async (page) => {
  assert.ok(await page.locator("#tale").isHidden());
  await page.locator("#diagram .note", { hasText: "types m2" }).click();
  const tale = await text(page, "#tale");
  assert.match(tale, /The story of m2/);
  assert.match(tale, /Delivered 1 min 50 s after it was typed/);
  assert.match(tale, /It is lost on the way: partition client-proxy/);
  assert.match(tale, /The client sends it again by POST/);
  await page.locator("#tale .step", { hasText: "stores it" }).click();
  assert.match(await text(page, "#moment"), /cloud: stores m2/);
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#tale").isHidden());
});

tries("a click on an arrow tells the story of what it carries", "calm", async (page) => {
  await page.locator('#diagram .arrow[data-message="m1"] .label').first().click();
  assert.match(await text(page, "#tale"), /The story of m1/);
});

tries("the name of a message filters by it, a word by its text", "partition-2m", async (page) => {
  await page.keyboard.press("/");
  await page.keyboard.type("m2");
  const shown = await notes(page);
  assert.ok(shown.length >= 2 && shown.every((note) => note.includes("m2")), shown.join(", "));
  await page.locator("#filter").fill("partition");
  assert.deepEqual(await notes(page), []);
  assert.ok((await page.locator("#diagram .banner").count()) >= 1);
  await page.locator("#filter").fill("nothing has this name");
  assert.ok(await page.locator("#space.empty").isVisible());
  await page.keyboard.press("Escape");
  assert.ok((await notes(page)).length > 3);
});

tries("a kind that is switched off is gone", "calm", async (page) => {
  const pings = page.locator("#diagram .arrow", { hasText: "ping" });
  assert.ok((await pings.count()) > 0);
  await page.getByRole("button", { name: "Heartbeat" }).click();
  await drawn(page);
  assert.equal(await pings.count(), 0);
});

tries("the keyboard moves through the events", "calm", async (page) => {
  const before = await text(page, "#moment h2");
  for (let n = 0; n < 7; n++) await page.keyboard.press("ArrowDown");
  const there = await text(page, "#moment");
  assert.notEqual(there.split("\n")[0], before);
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await text(page, "#moment"), there);
  await page.keyboard.press("ArrowUp");
  assert.equal(await text(page, "#moment"), there, "up is the way back");
  await page.keyboard.press("End");
  const last = await text(page, "#moment");
  await page.keyboard.press("ArrowDown");
  assert.equal(await text(page, "#moment"), last, "after the last there is none");
  await page.keyboard.press("Home");
  assert.equal(await text(page, "#moment h2"), before);
  await page.keyboard.press("?");
  assert.ok(await page.locator("#help").isVisible());
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#help").isHidden());
});

tries("every machine has its state at the cursor", "tabs-leader-crashes", async (page) => {
  await page.keyboard.press("End");
  assert.match(await text(page, "#moment"), /tab B/);
  assert.match(await text(page, "#moment"), /cloud\s+guests/);
  await page.locator("#filter").fill("claims epoch 2");
  await page.locator("#diagram .note", { hasText: "claims epoch 2" }).click();
  assert.match(await text(page, "#moment"), /leads epoch|follows/);
});

tries("plus and minus zoom, and so do two fingers", "calm", async (page) => {
  const height = () => page.locator("#space").evaluate((space) => space.offsetHeight);
  const usual = await height();
  await page.keyboard.press("+");
  assert.ok((await height()) > usual);
  await page.keyboard.press("0");
  assert.equal(await height(), usual);
  await page.keyboard.press("-");
  assert.ok((await height()) < usual);
  await page.keyboard.press("0");
  const hand = await page.context().newCDPSession(page);
  const touch = (type, apart) => hand.send("Input.dispatchTouchEvent", {
    type,
    touchPoints: apart ? [{ x: 180, y: 400 - apart, id: 1 }, { x: 180, y: 400 + apart, id: 2 }] : [],
  });
  await touch("touchStart", 50);
  await touch("touchMove", 90);
  await touch("touchEnd", 0);
  assert.ok((await height()) > usual, "fingers that part make it taller");
}, { hasTouch: true, viewport: { width: 390, height: 844 } });

tries("what repeats is folded until it is asked for", "idle-day", async (page) => {
  const fold = page.locator("#diagram .fold").first();
  assert.match(await fold.textContent(), /events folded, \d+ (min|h)/);
  const height = () => page.locator("#space").evaluate((space) => space.offsetHeight);
  const before = await height();
  await fold.click();
  assert.ok((await height()) > before);
});

tries("markup in a plan or a log is text, and a failure shows", "markup", async (page) => {
  assert.match(await text(page, "h1"), /^1 violation Markup <img src=x onerror=alert\(1\)> stays text/);
  assert.match(await text(page, "#about"), /<\/script><script>alert\(2\)<\/script>/);
  assert.match(await page.locator("#diagram").textContent(), /wait <b>soon<\/b>|<b>s/);
  assert.equal(await page.locator("#diagram b, #panel img, h1 img").count(), 0);
  assert.ok((await page.locator("#diagram .accusation").count()) === 1);
  assert.match(await text(page, "#moment"), /delivered/);
});

tries("it is light or dark as the system is, and can be switched", "calm", async (page) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.keyboard.press("t");
  const light = await paper();
  assert.notEqual(light, dark);
  await page.keyboard.press("t");
  assert.equal(await paper(), dark);
}, { colorScheme: "dark" });

tries("on paper every page has the names of the lanes", "partition-2m", async (page) => {
  const paper = await page.pdf({ format: "A4" });
  assert.ok(paper.length > 10_000, "there is something on it");
  const sheets = await page.locator("#printed .sheet").count();
  assert.ok(sheets >= 2);
  assert.equal(await page.locator("#printed .heads").count(), sheets);
});

// A benchmark, printed and not judged: a busy machine must not fail the test.
tries("ten thousand events open, and only what can be seen is drawn", "many", async (page) => {
  assert.match(await text(page, "#facts"), /1\d,\d{3} events/);
  const shapes = await page.locator("#diagram *").count();
  assert.ok(shapes > 50 && shapes < 3000, `${shapes} shapes`);
  const tools = await page.context().newCDPSession(page);
  await tools.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.reload();
  await drawn(page);
  const { metrics } = await tools.send("Performance.getMetrics");
  const seconds = metrics.find(({ name }) => name === "TaskDuration").value;
  const [opened, scrolled] = await page.evaluate(async () => {
    const { loadEventEnd } = performance.getEntriesByType("navigation")[0];
    const start = performance.now();
    document.getElementById("scroll").scrollTop = 60_000;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return [loadEventEnd, performance.now() - start];
  });
  console.log(`ten thousand events: open after ${Math.round(opened)} ms (${Math.round(seconds * 1000)} ms of work), `
    + `scrolled after ${Math.round(scrolled)} ms`);
});
