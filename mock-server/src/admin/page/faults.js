// Faults: the usual ones by a button, any by a form, storms, and what is active now.

import { call } from "./api.js";
import { at, el, trying } from "./dom.js";

/** What a developer wants to see first. */
const QUICK = [
  ["Lose the next ack", { kind: "ack-dropped-after-accept", endpoint: "messages", count: 1 }],
  ["Lose the next message", { kind: "ack-dropped-before-accept", endpoint: "messages", count: 1 }],
  ["Double the next ack", { kind: "ack-doubled", endpoint: "messages", count: 1 }],
  ["429 for 30 s", { kind: "answer", status: 429, retryAfter: 5, endpoint: "messages", for: "30s" }],
  ["Refuse sockets for 30 s", { kind: "answer", status: 503, endpoint: "socket", for: "30s" }],
  ["Ignore pings for 1 min", { kind: "ping-ignored", for: "1m" }],
];

const DEEDS = [
  ["Drop all sockets", "sockets/close", { code: 1006 }],
  ["Close with 1001", "sockets/close", { code: 1001 }],
  ["Expire tokens", "tokens/expire"],
  ["Forget guests", "guests/forget"],
  ["Hold the network", "network/hold"],
  ["Release it", "network/release"],
];

const button = (name, work, title) => el("button", { type: "button", title, onclick: trying(work) }, name);

/** What is armed, as one line each with its end. */
export async function show() {
  const { faults } = await call("GET", "faults");
  at("active").replaceChildren(...faults.map((fault) => {
    const { id, kind, name, endpoint, struck, seen } = fault;
    return el("li", { "data-fault": id, title: JSON.stringify(fault) },
      el("span", {}, el("strong", {}, kind === "answer" ? name : kind), ` at ${endpoint}: struck ${struck} times, seen ${seen}`),
      button("End", async () => { await call("DELETE", `faults/${id}`); await show(); }));
  }), ...(faults.length ? [] : [el("li", { class: "soft" }, "nothing")]));
}

export async function wire() {
  const arm = (fault) => async () => { await call("POST", "faults", fault); await show(); };
  at("quick").replaceChildren(
    ...QUICK.map(([name, fault]) => button(name, arm(fault), JSON.stringify(fault))),
    ...DEEDS.map(([name, path, body]) => button(name, () => call("POST", path, body), path)));
  at("calm").addEventListener("click", trying(async () => { await call("DELETE", "faults"); await show(); }));
  at("fault-form").addEventListener("submit", trying(async () => {
    const parameters = at("parameters").value.trim() || "{}";
    await arm({ kind: at("kind").value, ...JSON.parse(parameters) })();
  }));
  const { kinds } = await call("GET", "faults/kinds");
  at("kind").replaceChildren(...kinds.map(({ kind }) => el("option", {}, kind)));
  const tell = () => { at("about").textContent = kinds.find(({ kind }) => kind === at("kind").value)?.about ?? ""; };
  at("kind").addEventListener("change", tell);
  tell();
  const { storms } = await call("GET", "storms");
  at("storms").replaceChildren(...storms.map(({ name, about }) =>
    button(name, async () => { await call("POST", `storms/${name}`); await show(); }, about)));
}
