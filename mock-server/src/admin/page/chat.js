// Who is there, and the conversation of one guest, in which one writes as the agent.

import { call } from "./api.js";
import { at, el, sendsOnEnter, trying } from "./dom.js";

let chosen = null;
/** In which order messages came, by id, as the journal tells. */
const places = new Map();

/** Keeps the place of a message. */
export function place(entry) {
  if (entry.kind === "stored" || entry.kind === "said") places.set(entry.message, entry.seq);
}

export function forget() {
  places.clear();
  chosen = null;
}

/** Draws the guests, newest first, and whoever is chosen. */
export async function show(guests) {
  if (!guests.some(({ guest }) => guest === chosen)) chosen = guests.at(-1)?.guest ?? null;
  at("guests").replaceChildren(...guests.slice(-50).reverse().map(({ guest, gone, sockets, stored, said }) =>
    el("li", {}, el("button", { type: "button", "aria-pressed": guest === chosen, onclick: () => choose(guest, guests) },
      `${guest.slice(0, 8)} `, el("small", { class: gone ? "bad" : sockets ? "good" : "soft" },
        `${gone ? "gone" : sockets ? `${sockets} socket${sockets > 1 ? "s" : ""}` : "no socket"}, ${stored} in, ${said} out`)))),
    ...(guests.length > 50 ? [el("li", { class: "soft" }, `and ${guests.length - 50} more`)] : []),
    ...(guests.length ? [] : [el("li", { class: "soft" }, "nobody yet: connect a client, or open the guest page")]));
  await talk();
}

async function choose(guest, guests) {
  chosen = guest;
  await show(guests);
}

async function talk() {
  at("whose").textContent = chosen ? `Conversation of ${chosen.slice(0, 8)}` : "Conversation";
  const told = chosen ? await call("GET", `guests/${encodeURIComponent(chosen)}`) : { stored: [], said: [] };
  const stored = told.stored.map(({ id, content, road }) => ({ id, content, by: "guest", note: `guest, by ${road}` }));
  const said = told.said.map(({ messageId, content, sequence }) => ({ id: messageId, content, by: "agent", note: `agent, ${sequence}` }));
  const all = [...stored, ...said].sort((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0)).slice(-300);
  const list = at("talk");
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
  list.replaceChildren(...all.map(({ content, by, note }) => el("li", { class: by }, content, el("small", {}, note))));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

export function wire() {
  sendsOnEnter(at("say"));
  at("say-form").addEventListener("submit", trying(async () => {
    const text = at("say").value.trim();
    if (!text) return;
    await call("POST", "agent/say", { text, ...(chosen && { guest: chosen }) });
    at("say").value = "";
  }));
  at("typing").addEventListener("click", trying(() => call("POST", "agent/type", chosen ? { guest: chosen } : {})));
}
