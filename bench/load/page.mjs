// One page: a chat of twenty turns a minute, until its time is over; then it delivers and reports its counts.

import { parentPort, workerData } from "node:worker_threads";
import * as mlflow from "mlflow-ag2";
import { chat, wait } from "./chat.mjs";

const TURNS = 20;
const { trackingUri, otlpEndpoint, experimentName, token, turnMs, startAtMs, endAtMs, drainMs, seed } = workerData;

mlflow.autolog();
mlflow.init(otlpEndpoint ? { otlpEndpoint } : { trackingUri, experimentName, ...(token && { token }) });
// Pages are not opened all at once.
await wait(startAtMs - Date.now() + (seed * turnMs * TURNS) / 200);
let chats = 0;
let deliveredByEnd = 0;
setTimeout(() => (deliveredByEnd = mlflow.stats().delivered), Math.max(0, endAtMs - Date.now()));
while (Date.now() < endAtMs) {
  await chat(`Question ${chats} of page ${seed}.`, TURNS, turnMs);
  chats += 1;
}
await mlflow.flush({ timeoutMs: drainMs });
parentPort.postMessage({ chats, deliveredByEnd, ...mlflow.stats() });
