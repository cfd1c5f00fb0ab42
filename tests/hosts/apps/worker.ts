/** A Web Worker: holds the conversation when it is given its settings. */

import { chat } from "./chat.js";

globalThis.addEventListener("message", (event) => {
  void chat((event as MessageEvent<string>).data).then((report) => globalThis.postMessage(report));
});
