// The control API of the tenant whose page this is, and the live stream of its journal.

import { at } from "./dom.js";

/** Everything before it is the tenant. */
export const root = location.pathname.replace(/__holdline(\/.*)?$/, "");
const base = `${root}__holdline/`;
let token = sessionStorage.getItem("holdline-control") ?? "";

/** What the API answers; an error says what it said. */
export async function call(method, path, body) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 401) at("token-form").hidden = false;
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value?.message ?? `${method} ${path} was answered ${answer.status}`);
  return value;
}

/** Remembers the control token for as long as the tab lives. */
export function useToken(given) {
  token = given;
  sessionStorage.setItem("holdline-control", given);
  at("token-form").hidden = true;
}

/** Hears every entry from `after` on; the browser connects again by itself and misses nothing. */
export function listen(after, hear, tell) {
  const query = new URLSearchParams({ after, ...(token && { token }) });
  const source = new EventSource(`${base}journal/stream?${query}`);
  source.onopen = () => tell("live");
  source.onerror = () => tell(source.readyState === EventSource.CLOSED ? "ended" : "connecting");
  source.onmessage = (event) => hear(JSON.parse(event.data));
  return () => source.close();
}
