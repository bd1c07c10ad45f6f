// The client of article 000, unmodified, over https and wss: it is given the host, the token and the CA,
// and nothing else. It says its two messages before its socket is open, takes its own silence for a dead
// connection after ten seconds, and resends by REST: so they arrive. It leaves the old socket open beside
// the new one, again and again, and the verdict names that.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { article, listings, missing, module } from "./article.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const HOLDLINE = process.env.HOLDLINE ?? join(HERE, "../../target/release/holdline");
const lines = article("000");

/** Every entry of the journal as it comes. */
async function* entries(control) {
  const answer = await fetch(`${control}journal/stream?after=0`);
  let rest = "";
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    rest += piece;
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice(6));
    }
  }
}

test("the client of article 000 gets its session, and its two messages arrive", { skip: lines ? false : missing }, async (t) => {
  const config = mkdtempSync(join(tmpdir(), "holdline-article-"));
  t.after(() => rmSync(config, { recursive: true, force: true }));
  const env = { ...process.env, XDG_CONFIG_HOME: config, HOME: config };
  const server = spawn(HOLDLINE, ["mock", "--tls", "--lenient", "--port", "0", "--json"], { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => server.kill("SIGTERM"));
  const [ready] = await once(createInterface({ input: server.stdout }), "line");
  const { port, control } = JSON.parse(ready);
  const ca = spawnSync(HOLDLINE, ["mock", "ca"], { env, encoding: "utf8" }).stdout.split("\n")[0].trim();

  const client = module("article-000", listings(lines,
    ["import { v4 as uuidv4 }", "The token field returned"],
    ["interface MessagePayload {", "The health monitor tracks"],
    ["function calculateBackoffDelay", "The calculateBackoffDelay function"],
    ["interface BufferedMessage {", "The MessageBuffer class tracks"],
    ["// Reuse types and utilities", "The client initializes"]));
  const running = spawn(process.execPath, ["--import", new URL("websocket.mjs", import.meta.url).href, client], {
    env: { ...env, GENESYS_ORG_HOSTNAME: `localhost:${port}`, GENESYS_OAUTH_TOKEN: "holdline-oauth", NODE_EXTRA_CA_CERTS: ca },
    stdio: ["ignore", "inherit", "inherit"],
  });
  t.after(() => running.kill("SIGKILL"));

  const stored = [];
  let guest, sockets = 0;
  for await (const entry of entries(control)) {
    if (entry.kind === "guest-created") guest = entry.guest;
    if (entry.kind === "stored") stored.push(entry);
    if (entry.kind === "socket-opened") sockets += 1;
    if (stored.length === 2 && sockets === 3) break;
  }
  const told = await (await fetch(`${control}guests/${guest}`)).json();
  assert.deepEqual(told.stored.map(({ content }) => content), ["Hello Genesys Cloud", "Testing resilient delivery"]);
  assert.deepEqual(stored.map(({ road }) => road), ["rest", "rest"]);
  const verdict = await (await fetch(`${control}verdict`)).json();
  const broken = verdict.oracles.filter(({ says }) => says !== "holds").map(({ id }) => id);
  assert.deepEqual(broken, ["one-socket"]);
});
