/** A Service Worker: runs the conversation when a page requests it. */

import { chat } from "./chat.js";

interface MessageRequest extends Event {
  readonly data: string;
  readonly ports: readonly MessagePort[];
  waitUntil(work: Promise<unknown>): void;
}

globalThis.addEventListener("message", (event) => {
  const { data, ports, waitUntil } = event as unknown as MessageRequest;
  waitUntil.call(
    event,
    chat(data).then((report) => ports[0]?.postMessage(report)),
  );
});
