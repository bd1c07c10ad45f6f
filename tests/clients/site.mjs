// A site on a loopback port of its own: texts that are said here, each at its path. It refuses to
// read files, so that nothing of this machine is served.

import { createServer } from "node:http";
import { once } from "node:events";

const TYPES = { html: "text/html", js: "text/javascript" };

/** Serves each text as the file of its name. */
export async function site(texts) {
  const server = createServer(({ url }, answer) => {
    const name = new URL(url, "http://site").pathname.slice(1);
    const known = Object.hasOwn(texts, name);
    answer.writeHead(known ? 200 : 404, { "content-type": TYPES[name.split(".").pop()] ?? "text/plain" });
    answer.end(known ? texts[name] : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => { server.close(); server.closeAllConnections(); };
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}
