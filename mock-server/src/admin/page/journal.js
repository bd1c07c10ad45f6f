// The journal: what is kept, what is shown of it, and the story of one message.

import { at, clock, el } from "./dom.js";

/** Entries kept here, and lines drawn: a page does not become slow. */
const KEPT_MAX = 10_000;
const DRAWN_MAX = 300;

const entries = [];
let paused = false;
let followed = null;
let due = false;

const about = (entry) => entry.about ?? entry.message ?? null;

/** A frame or a body, as far as it can be read. */
function frame(text) {
  try {
    const { type, content, messageId, ...rest } = JSON.parse(text);
    const told = Object.keys(rest).length ? JSON.stringify(rest) : "";
    return [type, content && JSON.stringify(content), messageId?.slice(0, 8), told].filter(Boolean).join(" ");
  } catch {
    return text;
  }
}

/** One line of it. */
function words({ seq, atMs, kind, about: _, ...rest }) {
  switch (kind) {
    case "request": return `${rest.method} ${rest.path}`;
    case "answer": return `${rest.status}${rest.retryAfter ? `, retry after ${rest.retryAfter}` : ""}, ${rest.tookMs} ms`;
    case "fault": return rest.name;
    case "control": return rest.what;
    case "refused": return `${rest.code}${rest.message ? ` for ${rest.message}` : ""}`;
    case "stored": case "duplicate": return `${rest.message} by ${rest.road}`;
    case "posted": case "frame-in": case "frame-out": return frame(rest.text);
    default: return rest.message ?? [rest.socket && `socket ${rest.socket}`, rest.code, rest.guest].filter(Boolean).join(" ");
  }
}

const tone = ({ kind, status }) =>
  kind === "fault" || kind === "refused" || status >= 500 ? "bad"
    : status >= 400 || kind === "duplicate" || kind === "control" ? "warn"
    : kind === "stored" || kind === "said" ? "good" : "soft";

export function add(entry) {
  entries.push(entry);
  if (entries.length > KEPT_MAX) entries.shift();
  if (!paused) redraw();
}

export function forget() {
  entries.length = 0;
  follow(null);
  redraw();
}

/** With the next frame, once for however many entries. */
export function redraw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

function draw() {
  const wanted = at("filter").value.trim().toLowerCase();
  const fits = (entry) => !wanted || JSON.stringify(entry).toLowerCase().includes(wanted);
  const found = wanted ? entries.filter(fits) : entries;
  const shown = found.slice(-DRAWN_MAX).reverse();
  at("lines").replaceChildren(...shown.map(line));
  const kept = entries.length === KEPT_MAX ? `the latest ${KEPT_MAX}` : `${entries.length}`;
  at("count").textContent = `${found.length} of ${kept} entries${found.length > DRAWN_MAX ? `, the newest ${DRAWN_MAX} shown` : ""}${paused ? ", paused" : ""}`;
  if (followed) story();
}

function line(entry) {
  const of = followed && about(entry) === followed;
  return el("li", {}, el("button", {
    type: "button", class: of ? "of" : null, "data-about": about(entry), "data-kind": entry.kind,
    title: about(entry) ? "Follow this message" : null, onclick: () => follow(about(entry)),
  }, el("span", { class: "soft" }, clock(entry.atMs)), el("span", { class: tone(entry) }, entry.kind), el("span", { class: "what" }, words(entry))));
}

/** Shows everything about one message, from send to acknowledgement. */
export function follow(id) {
  followed = id;
  at("story").hidden = !id;
  redraw();
}

function story() {
  const steps = entries.filter((entry) => about(entry) === followed);
  const began = steps[0]?.atMs ?? 0;
  const acked = steps.some((entry) => entry.kind === "frame-out" && entry.text?.includes("messageReceived"))
    || steps.some((entry) => entry.kind === "posted" && entries.some((other) => other.kind === "answer" && other.request === entry.request && other.status < 300));
  const stored = steps.filter((entry) => entry.kind === "stored").length;
  const said = steps.some((entry) => entry.kind === "said");
  const verdict = said ? "The agent's." : `Stored ${stored} time${stored === 1 ? "" : "s"}, ${acked ? "acknowledged" : "not acknowledged"}.`;
  at("story").replaceChildren(
    el("h2", {}, "The story of ", el("span", { class: "id" }, followed), el("button", { type: "button", onclick: () => follow(null) }, "Close")),
    el("p", { class: acked || said ? "good" : "warn" }, verdict),
    el("ol", {}, ...steps.map((entry) => el("li", {}, el("span", { class: "soft" }, `+${entry.atMs - began} ms`), el("span", {}, `${entry.kind}: ${words(entry)}`)))),
  );
}

export function wire() {
  at("filter").addEventListener("input", redraw);
  at("filter-form").addEventListener("submit", (event) => event.preventDefault());
  at("pause").addEventListener("click", () => {
    paused = !paused;
    at("pause").setAttribute("aria-pressed", paused);
    redraw();
  });
}
