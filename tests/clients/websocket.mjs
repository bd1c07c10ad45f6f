// The WebSocket that browsers have, for versions of Node that do not.

import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket;
