/** A Service Worker: holds the conversation when a page asks for it. */

import { chat } from "./chat.js";

interface Asked extends Event {
  readonly data: string;
  readonly ports: readonly MessagePort[];
  waitUntil(work: Promise<unknown>): void;
}

globalThis.addEventListener("message", (event) => {
  const { data, ports, waitUntil } = event as unknown as Asked;
  waitUntil.call(
    event,
    chat(data).then((report) => ports[0]?.postMessage(report)),
  );
});
