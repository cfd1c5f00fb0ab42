/**
 * What each peer sends for 1,000 spans, and how long a trace takes until MLflow shows it:
 * `node bench/wire.mjs --package FOLDER --peers FOLDER --work FOLDER`, with MLflow in MLFLOW_AG2_PYTHON. It writes its
 * part of RESULTS.md. `cargo xtask bench wire` starts it.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { here, makePrograms } from "./lib/bundle.mjs";
import { hosts } from "./lib/hosts.mjs";
import { machine } from "./lib/machine.mjs";
import { PACKAGES } from "./lib/peers.mjs";
import { median, show, table } from "./lib/statistics.mjs";
import { withWire } from "./lib/wire-section.mjs";
import { startMlflow } from "./load/servers.mjs";

/** The peers that can send to MLflow, and the programs that do. */
const SENDERS = { "mlflow-ag2": "mlflow-ag2", "otel-proto": "otel-proto-sent", openinference: "openinference-sent" };
const TURNS = 20;
const CHATS = 20;
const TIMES = 5;

const { values: given } = parseArgs({
  options: { package: { type: "string" }, peers: { type: "string" }, work: { type: "string" } },
});
const { node: run } = hosts({}, 0, undefined);
const programs = (peer) => makePrograms(peer, [given.package, given.peers], join(given.work, "programs"));

async function ask(peer, job) {
  const result = await run(await programs(peer), job);
  if (result.error !== undefined) throw new Error(`${peer}: ${result.error}`);
  return result;
}

const isGzipped = (body) => body[0] === 0x1f && body[1] === 0x8b;
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

async function sentBy(peer) {
  const { spans, bodies } = await ask(peer, { job: "wire", turns: TURNS, chats: CHATS });
  const sent = bodies.map((body) => Buffer.from(body, "base64"));
  const plain = sent.map((body) => (isGzipped(body) ? gunzipSync(body) : body));
  const each = (number) => (number * 1000) / spans;
  return {
    requests: each(sent.length),
    sent: each(sum(sent.map((body) => body.length))),
    plain: each(sum(plain.map((body) => body.length))),
    gzipped: each(sum(plain.map((body) => gzipSync(body).length))),
  };
}

async function experiment(server, name) {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name }) };
  const response = await fetch(`${server}/api/2.0/mlflow/experiments/create`, request);
  return (await response.json()).experiment_id;
}

const server = await startMlflow(
  process.env.MLFLOW_AG2_PYTHON,
  `sqlite:///${join(given.work, `wire-${Date.now()}.db`)}`,
);
const rows = [];
try {
  for (const peer of PACKAGES) {
    const { requests, sent, plain, gzipped } = await sentBy(peer);
    let seen = "–";
    if (SENDERS[peer] !== undefined) {
      const experimentId = await experiment(server.uri, `wire ${peer}`);
      const job = { job: "visible", turns: TURNS, times: TIMES, url: server.uri, experimentId };
      const waits = await ask(SENDERS[peer], job);
      const seconds = [median(waits), Math.min(...waits), Math.max(...waits)].map((ms) => show(ms / 1000));
      seen = `${seconds[0]} s (${seconds[1]} to ${seconds[2]})`;
    }
    const bytes = [sent, plain, gzipped].map((number) => Math.round(number).toLocaleString("en-US"));
    rows.push([peer, show(requests), ...bytes, seen]);
    console.log(rows.at(-1).join(" | "));
  }
} finally {
  await server.stop();
}

const { date, system, load } = await machine({});
const section = [
  `Measured by \`cargo xtask bench wire\` on ${date} in Node (${system}; load ${load.join(", ")} at the end). For`,
  `1,000 spans, of ${CHATS} different chats of ${TURNS} turns that are recorded one after the other and flushed:`,
  "requests, bytes of their bodies as they are sent by default, without compression, and each body gzipped. Of",
  "mlflow-ag2 all requests count, also the questions what the server can do and the small request for each trace; of",
  "the others those with spans. The last column is the time from the end of a trace's last span until MLflow 3.17.2",
  "over SQLite lists it as finished, with the delays that each has by default and nothing flushed: median of",
  `${TIMES}, least and largest.`,
].join(" ");
const head = ["", "requests", "bytes as sent", "plain", "gzipped", "seen in MLflow after"];
const results = join(here, "RESULTS.md");
writeFileSync(results, withWire(readFileSync(results, "utf8"), `${section}\n\n${table([head, ...rows])}`));
process.exit();
