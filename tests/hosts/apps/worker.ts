/** A Web Worker: runs the conversation when it gets its settings. */

import { chat } from "./chat.js";

globalThis.addEventListener("message", (event) => {
  void chat((event as MessageEvent<string>).data).then((report) => globalThis.postMessage(report));
});
