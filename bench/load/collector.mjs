// A stand-in for an OpenTelemetry Collector with its `otlp` receiver, `batch` processor and `otlphttp` exporter: it
// confirms spans when it has queued them, joins the bodies of requests, and sends them on with retries.
// `node collector.mjs SERVER EXPERIMENT_ID` prints its port, and ends on SIGTERM when all is sent.

import { createServer } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";

const [server, experimentId] = process.argv.slice(2);
const TIMEOUT_MS = 2_000;
const BATCH_BYTES = 1_000_000;
const RETRY_MS = 1_000;
/** The statuses that the specification of OTLP names as retryable. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const PROTOBUF = "application/x-protobuf";

const queue = [];
let queuedBytes = 0;
let timer;
let isSending = false;
const counts = { requests: 0, bytes: 0, retries: 0, refused: [] };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function post(body) {
  const headers = {
    "content-type": PROTOBUF,
    "content-encoding": "gzip",
    "x-mlflow-experiment-id": experimentId,
  };
  for (;;) {
    counts.requests += 1;
    counts.bytes += body.length;
    const response = await fetch(`${server}/v1/traces`, { method: "POST", headers, body }).catch(() => undefined);
    const text = await response?.text().catch(() => "");
    if (response?.ok) return;
    if (response !== undefined && !RETRYABLE.has(response.status))
      return void counts.refused.push(`${response.status} ${text.slice(0, 300)}`);
    counts.retries += 1;
    await wait(RETRY_MS * (0.5 + Math.random()));
  }
}

/** Sends what is queued, in batches of at most `BATCH_BYTES` unless one body is larger. */
async function send() {
  clearTimeout(timer);
  timer = undefined;
  if (isSending) return;
  isSending = true;
  while (queue.length > 0) {
    let bytes = 0;
    const count = queue.findIndex((body, at) => at > 0 && (bytes += body.length) + queue[0].length > BATCH_BYTES);
    // Messages of protobuf that stand one behind the other are one message with the fields of both.
    const batch = Buffer.concat(queue.splice(0, count < 0 ? queue.length : count));
    queuedBytes -= batch.length;
    await post(gzipSync(batch));
  }
  isSending = false;
}

const receiver = createServer(async (incoming, outgoing) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
  queue.push(body);
  queuedBytes += body.length;
  outgoing.writeHead(200, { "content-type": PROTOBUF }).end();
  timer ??= setTimeout(() => void send(), TIMEOUT_MS);
  if (queuedBytes >= BATCH_BYTES) void send();
});
receiver.listen(0, "127.0.0.1", () => console.log(`PORT ${receiver.address().port}`));

process.on("SIGTERM", async () => {
  receiver.close();
  while (queue.length > 0 || isSending) {
    void send();
    await wait(50);
  }
  console.log(`REPORT ${JSON.stringify(counts)}`);
  process.exit();
});
