// The dashboard: hears the journal, and asks again what the journal says has changed.

import { call, listen, useToken } from "./api.js";
import * as chat from "./chat.js";
import { at, trouble, trying } from "./dom.js";
import * as faults from "./faults.js";
import * as journal from "./journal.js";
import * as state from "./state.js";

/** Longest time that what is shown lags behind what is so. */
const LAG_MS = 250;

let stale = true;
let stop = null;

/** Asks for everything that is not in the journal itself. */
async function refresh() {
  if (!stale) return;
  stale = false;
  const status = await call("GET", "status");
  state.show(status);
  await Promise.all([chat.show(status.guests), faults.show(), state.judge()]);
}

function hear(entry) {
  journal.add(entry);
  state.count(entry);
  chat.place(entry);
  stale = true;
}

/** From the beginning of what is still remembered. */
async function begin() {
  stop?.();
  journal.forget();
  chat.forget();
  const { tenant, lastSeq } = await call("GET", "status");
  await Promise.all([state.tenants(tenant), faults.wire()]);
  stop = listen(Math.max(0, lastSeq - 10_000), hear, (link) => {
    at("link").textContent = link;
    at("link").className = link === "live" ? "good" : "warn";
    trouble(link === "ended" ? "The stream has ended; load the page again." : null, "stream");
  });
  stale = true;
}

function keys(event) {
  if (event.key === "Escape") {
    journal.follow(null);
    document.activeElement.blur();
  }
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const goes = { "/": () => at("filter").focus(), a: () => at("say").focus(), p: () => at("pause").click() }[event.key];
  if (!goes) return;
  event.preventDefault();
  goes();
}

journal.wire();
chat.wire();
state.wire();
document.addEventListener("keydown", keys);
at("reset").addEventListener("click", trying(async () => {
  await call("POST", "reset");
  await begin();
}));
at("token-form").addEventListener("submit", trying(async () => {
  useToken(at("token").value);
  await begin();
}));
setInterval(state.tick, 1000);
setInterval(trying(refresh, "page"), LAG_MS);
setInterval(async () => { stale = true; }, 2000);
await trying(begin)();
