// Stands in for `@genesyscloud/web-messaging-sdk`, which article 004 imports and which does not exist:
// the names that the article uses, on the protocol of the mock. It refuses to be clever: it neither
// reconnects nor repeats nor keeps anything back, so that what goes wrong is the article's own doing.

const CLOUD = new URLSearchParams(location.search).get("cloud");

export class WebMessagingClient {
  connectionState = "disconnected";
  #accessToken;
  #socket;
  #hear;

  constructor({ accessToken }) {
    this.#accessToken = accessToken;
    // The article has no field to type in: whoever types finds the client here.
    globalThis.messaging = this;
  }

  async connect() {
    this.connectionState = "connecting";
    try {
      this.#socket = await this.#open(await this.#guest());
      this.connectionState = "connected";
    } catch (error) {
      this.connectionState = "disconnected";
      throw error;
    }
  }

  disconnect() {
    this.connectionState = "disconnected";
    this.#socket.close();
  }

  onMessage(hear) {
    this.#hear = hear;
  }

  send(content) {
    this.#socket.send(JSON.stringify({ type: "message", content, messageId: crypto.randomUUID() }));
  }

  #open({ webchatInstanceId, token }) {
    const address = `${CLOUD.replace("http", "ws")}/api/v2/webchat/instances/${webchatInstanceId}/websocket?token=${token}`;
    const socket = new WebSocket(address);
    socket.onmessage = ({ data }) => {
      const { type, messageId: id, ...rest } = JSON.parse(data);
      if (type === "message") this.#hear?.({ id, ...rest });
    };
    return new Promise((opened, failed) => {
      socket.onopen = () => opened(socket);
      socket.onerror = () => failed(new Error("no socket"));
      socket.onclose = () => { if (this.#socket === socket) this.connectionState = "disconnected"; };
    });
  }

  /** One for all tabs of the browser, as the vendor's own script has it. */
  async #guest() {
    if (localStorage.guest) return JSON.parse(localStorage.guest);
    const answer = await fetch(`${CLOUD}/api/v2/webchat/guests`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#accessToken}`, "content-type": "application/json" },
      body: JSON.stringify({ guest: {} }),
    });
    if (!answer.ok) throw Object.assign(new Error(`no guest: ${answer.status}`), { status: answer.status });
    localStorage.guest = await answer.text();
    return JSON.parse(localStorage.guest);
  }
}
