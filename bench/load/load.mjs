/**
 * Many pages and one server: `node bench/load/load.mjs --work FOLDER [--pages N] [--minutes N] [--servers N]
 * [--only NAME,…]`. MLFLOW_AG2_PYTHON has MLflow, POSTGRES is the folder of PostgreSQL's programs, DENO is Deno,
 * ROTEL the collector. `cargo xtask bench load` starts it.
 */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "../lib/machine.mjs";
import { cpuSeconds, start } from "./processes.mjs";
import { startCollector, startFront, startMlflow, startPostgres, startRelay, storedSpans } from "./servers.mjs";

const { values: given } = parseArgs({
  options: {
    work: { type: "string" },
    pages: { type: "string", default: "200" },
    minutes: { type: "string", default: "5" },
    servers: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const PAGES = Number(given.pages);
const MINUTES = Number(given.minutes);
const PAGES_PER_PROCESS = 25;
/** A turn of twenty a minute. */
const TURN_MS = 3000;
const DRAIN_MS = 600_000;
const LOOK_MS = 500;
const SETTLED_MS = 20_000;

/** Each way of load: how many times the usual pace, through what, and whether the server is away. */
const WAYS = {
  straight: { pace: 1 },
  relay: { pace: 1, isRelayed: true },
  collector: { pace: 1, isCollected: true },
  twice: { pace: 2 },
  "five times": { pace: 5 },
  outage: { pace: 1, isAway: true },
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Waits until what `read` gives has not changed for a while. */
async function settled(read) {
  for (let before; before !== (before = read()); ) await wait(SETTLED_MS);
}

/** The folder that the pages' programs run in. */
function programs() {
  const folder = join(given.work, "load");
  mkdirSync(folder, { recursive: true });
  const here = fileURLToPath(new URL(".", import.meta.url));
  for (const name of ["chat.mjs", "page.mjs", "pages.mjs"]) cpSync(join(here, name), join(folder, name));
  return folder;
}

/** Processes of Node, and a quarter of Deno. */
function startPages(folder, settings) {
  const groups = [];
  for (let first = 0; first < PAGES; first += PAGES_PER_PROCESS)
    groups.push(Array.from({ length: Math.min(PAGES_PER_PROCESS, PAGES - first) }, (_, index) => first + index));
  return groups.map((pages, index) => {
    const isDeno = process.env.DENO && index % 4 === 3;
    const host = isDeno
      ? [process.env.DENO, ["run", "--no-remote", "--no-lock", "--node-modules-dir=manual", "--allow-all"]]
      : [process.execPath, []];
    return start(host[0], [...host[1], "pages.mjs", JSON.stringify({ ...settings, pages })], { cwd: folder });
  });
}

async function measure(name, way, postgres, folder) {
  const { pace, isRelayed = false, isCollected = false, isAway = false } = way;
  const database = postgres.database(name.replaceAll(" ", "_"));
  const servers = [];
  // One after the other: the first makes the tables.
  for (let count = 0; count < Number(given.servers); count += 1)
    servers.push(await startMlflow(process.env.MLFLOW_AG2_PYTHON, database.uri));
  const relay = isRelayed ? await startRelay(servers[0].uri) : undefined;
  const collector = isCollected ? await startCollector(servers[0].uri, `load ${name}`) : undefined;
  const behind = relay ?? collector;
  const front = await startFront(behind === undefined ? servers.map(({ uri }) => uri) : [new URL(behind.uri).origin]);
  const cpuOf = () => [servers, [postgres]].map((of) => of.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0));
  const startAtMs = Date.now() + 20_000;
  const durationMs = MINUTES * 60_000;
  const processes = startPages(folder, {
    ...(isCollected && { otlpEndpoint: `${front.uri}/v1/traces` }),
    trackingUri: relay === undefined ? front.uri : `${front.uri}/mlflow`,
    experimentName: `load ${name}`,
    turnMs: TURN_MS / pace,
    startAtMs,
    endAtMs: startAtMs + durationMs,
    drainMs: DRAIN_MS,
  });
  let isDone = false;
  const results = Promise.all(processes.map((each) => each.line(/^RESULT (.+)$/m)));
  void results.finally(() => (isDone = true)).catch(() => undefined);
  await wait(startAtMs - Date.now());
  const cpuBefore = cpuOf();
  if (isAway) {
    setTimeout(() => front.close(), durationMs / 3);
    setTimeout(() => front.open(), (2 * durationMs) / 3);
  }
  const seen = new Set();
  const visibleMs = [];
  const look = () => {
    const now = Date.now();
    const query = "select trace_id, end_time_unix_nano from spans where parent_span_id is null";
    for (const [id, endNs] of database.rows(`${query} and end_time_unix_nano is not null`)) {
      if (seen.has(id)) continue;
      seen.add(id);
      visibleMs.push(now - Number(BigInt(endNs) / 1_000_000n));
    }
  };
  let takenAtEnd;
  const spansTaken = () => Number(database.rows("select count(*) from spans")[0][0]);
  while (!isDone) {
    look();
    if (takenAtEnd === undefined && Date.now() >= startAtMs + durationMs) takenAtEnd = spansTaken();
    await wait(LOOK_MS);
  }
  // What a collector has confirmed may be on its way still.
  if (collector !== undefined) await settled(spansTaken);
  const collected = await collector?.stop();
  const endedAtMs = Date.now();
  look();
  const cpu = cpuOf().map((seconds, index) => seconds - cpuBefore[index]);
  const pages = (await results).flatMap((line) => JSON.parse(line));
  const sum = (read) => pages.reduce((total, page) => total + read(page), 0);
  const report = await front.report();
  const { rows, onlyInFiles } = storedSpans(database, servers);
  const stored = rows + onlyInFiles;
  await front.stop();
  await relay?.stop();
  await Promise.all(servers.map((server) => server.stop()));
  visibleMs.sort((one, other) => one - other);
  const started = sum((page) => page.started);
  return {
    name,
    pages: PAGES,
    servers: servers.length,
    minutes: MINUTES,
    pace,
    chats: sum((page) => page.chats),
    started,
    delivered: sum((page) => page.delivered),
    dropped: sum((page) => Object.values(page.dropped).reduce((all, count) => all + count, 0)),
    stored,
    onlyInFiles,
    lost: started - stored,
    known: sum((page) => page.delivered) / stored,
    knownByEnd: sum((page) => page.deliveredByEnd) / (takenAtEnd ?? stored),
    offeredPerSecond: started / (MINUTES * 60),
    takenPerSecond: (takenAtEnd ?? stored) / (MINUTES * 60),
    drainSeconds: (endedAtMs - startAtMs) / 1000 - MINUTES * 60,
    requestsPerThousandSpans: (report.requests * 1000) / started,
    bytesPerSpan: report.bytes / started,
    retries: sum((page) => page.retries),
    mlflowCpuSeconds: cpu[0],
    postgresCpuSeconds: cpu[1],
    visibleMs: { p50: percentile(visibleMs, 0.5), p99: percentile(visibleMs, 0.99), traces: visibleMs.length },
    ...(collected && { collected }),
    ...report,
  };
}

const folder = programs();
const postgres = await startPostgres(process.env.POSTGRES);
const results = [];
for (const [name, way] of Object.entries(WAYS)) {
  if (given.only !== undefined && !given.only.split(",").includes(name)) continue;
  console.log(`… ${name}: ${PAGES} pages, ${MINUTES} minutes`);
  const result = await measure(name, way, postgres, folder);
  results.push(result);
  console.log(JSON.stringify(result));
  writeFileSync(join(given.work, "load.json"), JSON.stringify({ machine: await machine({}), results }, undefined, 2));
}
await postgres.stop();
process.exit();
