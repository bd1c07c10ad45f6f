// In words: the run, the moment of the cursor, and the story of a message.

/** More messages than this are counted: nobody reads a thousand names. */
const CHIPS_MAX = 240;

const byId = (id) => document.getElementById(id);

/** The name of the run and its verdict; once. */
function tellRun() {
  document.title = `${raw.title} \u00b7 Holdline`;
  byId("title").textContent = raw.title;
  const count = raw.violations.length;
  const verdict = byId("verdict");
  verdict.textContent = count === 0 ? "passed" : count === 1 ? "1 violation" : `${count} violations`;
  verdict.className = count === 0 ? "verdict good" : "verdict bad";
}

/** What the run was, and how much of it is folded. */
function tellFacts(hidden) {
  const folded = hidden >= SILENCE_MS ? `, of which ${span(hidden)} are folded` : "";
  const facts = [
    raw.name,
    `${events.length.toLocaleString("en")} events in ${span(raw.virtual_ms)}${folded}`,
    `${raw.delivered} of ${raw.typed} messages delivered`,
    `seed ${raw.seed}`,
    `audit ${raw.hash}`,
  ].join(" \u00b7 ");
  // A narrow screen has room for its beginning only; the whole of it is in the panel.
  for (const place of document.querySelectorAll(".facts")) place.textContent = facts;
}

function tellAbout(choose, go) {
  const about = byId("about");
  about.replaceChildren();
  if (raw.violations.length) {
    element(about, "h2", "bad", "Violations");
    const list = element(about, "ol", "steps");
    for (const violation of raw.violations) {
      step(list, violation.event, `${violation.oracle}: ${violation.text}`, go, "bad");
    }
  }
  element(about, "h2", "", "What happens");
  element(about, "p", "", raw.story);
  element(about, "p", "facts soft");
  if (!stories.size) return;
  element(about, "h2", "", "Messages");
  const chips = element(about, "p", "chips");
  for (const story of [...stories.values()].slice(0, CHIPS_MAX)) {
    const kind = isAgents(story.message) ? "agent" : "guest";
    const chip = element(chips, "button", `chip ${kind} ${story.well ? "" : "ill"}`, story.message);
    chip.type = "button";
    chip.title = story.summary;
    chip.addEventListener("click", () => choose(story.message));
  }
  if (stories.size > CHIPS_MAX) {
    element(about, "p", "soft", `and ${(stories.size - CHIPS_MAX).toLocaleString("en")} more: filter by a name to find one.`);
  }
}

function step(list, index, text, go, className = "") {
  const item = element(list, "li", className);
  const button = element(item, "button", "step");
  button.type = "button";
  button.dataset.at = index;
  element(button, "span", "when", clock(events[index].at));
  element(button, "span", "text", text);
  button.addEventListener("click", () => go(index));
  return item;
}

/** The story of a message, a step per event, with the waits between them. */
function tellTale(message, go, close) {
  const tale = byId("tale");
  tale.replaceChildren();
  const story = message && stories.get(message);
  tale.hidden = !story;
  if (!story) return;
  const head = element(tale, "div", "headline");
  element(head, "h2", isAgents(message) ? "agent" : "guest", `The story of ${message}`);
  const shut = element(head, "button", "close", "\u00d7");
  shut.type = "button";
  shut.setAttribute("aria-label", "Close the story");
  shut.addEventListener("click", close);
  element(tale, "p", story.well ? "summary" : "summary bad", story.summary);
  const list = element(tale, "ol", "steps");
  let last = null;
  for (const [index, text] of story.told) {
    const waited = last === null ? 0 : events[index].at - last;
    if (waited >= 1000) element(list, "li", "wait", `${span(waited)} pass`);
    const item = step(list, index, text, go, text.startsWith("Violates") ? "bad" : "");
    item.classList.toggle("same", last === events[index].at);
    last = events[index].at;
  }
}

/** Lights the step of the story that the cursor stands on. */
function markStep(cursor) {
  for (const button of document.querySelectorAll(".step")) {
    button.classList.toggle("here", Number(button.dataset.at) === cursor);
  }
}

function tellMoment(cursor) {
  const event = events[cursor];
  const moment = byId("moment");
  moment.replaceChildren();
  if (!event) {
    byId("now").textContent = "Nothing happened.";
    return;
  }
  const where = event.lane < 0 ? "" : `${lanes[event.lane].long}: `;
  byId("now").textContent = `${clock(event.at)}  ${where}${event.text}`;
  element(moment, "h2", "", `At ${clock(event.at)}`);
  const line = element(moment, "p", "event");
  element(line, "strong", "", where + event.text);
  element(line, "span", "soft", `${GROUPS[event.group].toLowerCase()}, event ${event.index + 1} of ${events.length}`);
  for (const violation of event.accused) {
    element(moment, "p", "bad", `${violation.oracle}: ${violation.text}`);
  }
  const table = element(moment, "div", "machines");
  const names = [...lanes.map((lane) => lane.long), "network"];
  statesAt(cursor).forEach((lines, machine) => {
    const told = [...lines].filter(([, value]) => value !== "");
    if (!told.length || (told.length === 1 && told[0][1] === "not open")) return;
    const card = element(table, "section", "machine");
    element(card, "h3", "", names[machine]);
    const list = element(card, "dl", "");
    for (const [name, value] of told) {
      element(list, "dt", "", name);
      element(list, "dd", "", value);
    }
  });
}
