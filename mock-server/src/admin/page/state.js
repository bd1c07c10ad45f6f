// What stands above and beside: tenants, clock, verdict, and two sparklines.

import { call, root } from "./api.js";
import { at, clock, el, trying } from "./dom.js";

const SECONDS = 60;
const counts = new Array(SECONDS).fill(0);
const waits = new Array(SECONDS).fill(0);

/** Counts an entry for this second. */
export function count({ kind, tookMs }) {
  if (kind === "request" || kind === "frame-in") counts[SECONDS - 1] += 1;
  if (kind === "answer") waits[SECONDS - 1] = Math.max(waits[SECONDS - 1], tookMs);
}

/** A second has passed. */
export function tick() {
  spark("rate", counts, (n) => `${n}/s`);
  spark("latency", waits, (n) => `${n} ms`);
  for (const series of [counts, waits]) {
    series.shift();
    series.push(0);
  }
}

function spark(id, series, words) {
  const [width, height] = [90, 22];
  const top = Math.max(...series, 1);
  const points = series.map((value, n) => `${(n / (SECONDS - 1)) * width},${height - 1 - (value / top) * (height - 2)}`);
  const svg = at(id);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", points.join(" "));
  svg.replaceChildren(line);
  at(`${id}-now`).textContent = words(series.at(-1));
}

export function show({ tenant, nowMs, speed }) {
  at("now").textContent = clock(nowMs).replace(/\.\d+$/, "");
  if (document.activeElement !== at("speed")) at("speed").value = speed;
  document.title = tenant === "default" ? "Holdline mock" : `${tenant}, Holdline mock`;
}

export async function tenants(mine) {
  const { tenants: all } = await call("GET", "tenants");
  const keys = [...new Set([...all.map(({ tenant }) => tenant), mine])].slice(0, 500);
  at("tenant").replaceChildren(...keys.map((key) => el("option", { selected: key === mine }, key)));
}

export async function judge() {
  const { oracles, violations } = await call("GET", "verdict");
  at("verdict").replaceChildren(...oracles.map(({ id, says, holdsWhen }) =>
    el("li", { title: holdsWhen, class: says === "holds" ? "good" : "bad" }, `${says === "holds" ? "✓" : "✗"} ${id}`)),
    ...violations.slice(0, 20).map((violation) => el("li", { class: "bad" }, violation.text ?? violation.message ?? JSON.stringify(violation))));
}

export function wire() {
  at("judge").addEventListener("click", trying(judge));
  at("speed").addEventListener("change", trying(() => call("PUT", "clock", { speed: Number(at("speed").value) })));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", trying(() => call("POST", "clock/advance", { by: button.dataset.advance })));
  }
  at("tenant").addEventListener("change", () => {
    const key = at("tenant").value;
    const above = root.replace(/\/t\/[^/]+\/$/, "/");
    location.assign(`${above}${key === "default" ? "" : `t/${encodeURIComponent(key)}/`}__holdline/`);
  });
}
