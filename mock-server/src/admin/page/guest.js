// A guest without any client: one guest, one socket, and what becomes of each message.

import { at, el, sendsOnEnter, trouble, trying } from "./dom.js";

const root = location.pathname.replace(/__holdline(\/.*)?$/, "");
const OAUTH = new URLSearchParams(location.search).get("oauth") ?? "holdline-oauth";

let guest = null;
let socket = null;
const shown = new Map();

const api = async (path, token, body) => {
  const answer = await fetch(`${root}api/v2/webchat/${path}`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return answer.json();
};

function say(by, text, note) {
  const small = el("small", {}, note);
  const line = el("li", { class: by }, text, small);
  at("talk").append(line);
  at("talk").scrollTop = at("talk").scrollHeight;
  return (told) => { small.replaceChildren(...told); };
}

function tell(state) {
  at("link").textContent = state;
  at("link").className = state === "online" ? "good" : "warn";
}

async function anew() {
  guest = await api("guests", OAUTH, { guest: { email: "guest@page", firstName: "Guest", lastName: "Page" } });
  at("talk").replaceChildren();
  shown.clear();
  await connect();
}

async function connect() {
  if (!guest) return anew();
  socket?.close(1000);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}${root}api/v2/webchat/instances/${guest.webchatInstanceId}/websocket?token=${guest.token}`);
  socket = mine;
  tell("connecting");
  mine.onopen = () => tell("online");
  mine.onclose = ({ code }) => { if (socket === mine) tell(`offline: ${code}`); };
  mine.onmessage = ({ data }) => hear(data);
}

function hear(data) {
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return say("agent", String(data).slice(0, 500), "not JSON");
  }
  const known = shown.get(frame.messageId);
  if (frame.type === "message") say("agent", frame.content, `agent, ${frame.sequence ?? "no number"}`);
  else if (frame.type === "typing") tell("online, the agent types");
  else if (frame.type === "messageReceived") known?.(["acknowledged"]);
  else if (frame.type === "error") known ? known([`failed: ${frame.code}`]) : trouble(`${frame.status} ${frame.code}`);
  else say("agent", JSON.stringify(frame).slice(0, 500), "of a type that is not known");
}

function send(id, text) {
  const note = shown.get(id);
  if (socket?.readyState !== WebSocket.OPEN) return note(["not sent: offline ", again(id, text)]);
  socket.send(JSON.stringify({ type: "message", content: text, messageId: id }));
  note(["sent ", again(id, text)]);
}

const again = (id, text) => el("button", { type: "button", onclick: () => send(id, text) }, "send again");

sendsOnEnter(at("say"));
at("say-form").addEventListener("submit", trying(() => {
  const text = at("say").value.trim();
  if (!text) return;
  const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  shown.set(id, say("guest", text, ""));
  send(id, text);
  at("say").value = "";
}));
at("connect").addEventListener("click", trying(connect));
at("cut").addEventListener("click", () => socket?.close());
at("anew").addEventListener("click", trying(anew));
await trying(anew)();
