// The servers of a measurement: PostgreSQL, MLflow over it, the front, the collector, and the relay of docs/relay.

import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./processes.mjs";

const USER = "postgres";
const HOST = "127.0.0.1";
const RELAY = fileURLToPath(new URL("../../docs/relay/relay.js", import.meta.url));
const FRONT = fileURLToPath(new URL("front.mjs", import.meta.url));

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, HOST, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function until(condition) {
  while (!(await condition().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 200));
}

/** A new PostgreSQL, with the settings that Debian ships. */
export async function startPostgres(programs) {
  const folder = mkdtempSync(join(tmpdir(), "mlflow-ag2-load-"));
  const isRoot = process.getuid() === 0;
  if (isRoot) {
    const id = (option) => Number(execFileSync("id", [option, USER], { encoding: "utf8" }));
    chownSync(folder, id("-u"), id("-g"));
  }
  const command = (name, parameters) => {
    const program = join(programs, name);
    return isRoot
      ? ["setpriv", ["--reuid", USER, "--regid", USER, "--clear-groups", program, ...parameters]]
      : [program, parameters];
  };
  // A list of all spans is longer than the megabyte that Node allows.
  const options = { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 30 };
  const run = (name, ...parameters) => execFileSync(...command(name, parameters), options);
  const data = join(folder, "data");
  run("initdb", "-D", data, "-U", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C");
  const port = String(await freePort());
  const server = start(...command("postgres", ["-D", data, "-h", HOST, "-p", port, "-k", ""]), { cwd: folder });
  const client = ["-h", HOST, "-p", port, "-U", USER];
  await until(async () => run("pg_isready", ...client).includes("accepting"));
  return {
    pid: server.pid,
    database(name) {
      run("createdb", ...client, name);
      const rows = (query) =>
        run("psql", ...client, "-d", name, "-At", "-F", "\t", "-c", query)
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => line.split("\t"));
      return { uri: `postgresql+psycopg2://${USER}@${HOST}:${port}/${name}`, rows };
    },
    stop: () => server.stop(),
  };
}

/** A new MLflow server over that database. */
export async function startMlflow(python, database) {
  const folder = mkdtempSync(join(tmpdir(), "mlflow-ag2-load-"));
  const artifacts = join(folder, "artifacts");
  const port = await freePort();
  const parameters = ["-m", "mlflow", "server", "--host", HOST, "--port", port, "--workers", 1];
  parameters.push("--backend-store-uri", database, "--artifacts-destination", artifacts);
  const env = { MLFLOW_DISABLE_TELEMETRY: "true", MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" };
  const server = start(python, parameters.map(String), { cwd: folder, env });
  const uri = `http://${HOST}:${port}`;
  await until(async () => (await fetch(`${uri}/health`)).ok);
  return { uri, artifacts, pid: server.pid, stop: () => server.stop() };
}

/** The ids of the spans in the files of whole traces, which a server gets that is taken for one without OTLP. */
function spansInFiles(folder) {
  const hex = (base64) => Buffer.from(base64, "base64").toString("hex");
  let names = [];
  try {
    names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith("traces.json"));
  } catch {
    // The server has made no folder, since it got no file.
  }
  return names.flatMap((name) => {
    const { spans } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    return spans.map((span) => `${hex(span.trace_id)} ${hex(span.span_id)}`);
  });
}

/**
 * How many spans servers over one database hold: rows of the database, and spans in files alone. A span that is in
 * both counts as a row.
 */
export function storedSpans(database, servers) {
  const rows = new Set(
    database.rows("select trace_id, span_id from spans").map(([trace, span]) => `${trace.replace("tr-", "")} ${span}`),
  );
  const inFiles = new Set(servers.flatMap(({ artifacts }) => spansInFiles(artifacts)));
  return { rows: rows.size, onlyInFiles: [...inFiles].filter((span) => !rows.has(span)).length };
}

/** The front before servers. */
export async function startFront(servers) {
  const front = start(process.execPath, [FRONT, ...servers]);
  const uri = `http://${HOST}:${await front.line(/^PORT (\d+)/m)}`;
  return {
    uri,
    close: () => front.say("close"),
    open: () => front.say("open"),
    async report() {
      front.say("report");
      return JSON.parse(await front.line(/^REPORT (.+)$/m));
    },
    stop: () => front.stop(),
  };
}

/** The relay before a server. */
export async function startRelay(server) {
  const port = await freePort();
  const env = { MLFLOW_TRACKING_URI: server, MLFLOW_TRACKING_TOKEN: "none", PORT: String(port), HOST };
  const relay = start(process.execPath, [RELAY], { env });
  const uri = `http://${HOST}:${port}/mlflow`;
  await until(async () => (await fetch(`${uri}/version`)).ok);
  return { uri, pid: relay.pid, stop: () => relay.stop() };
}

/**
 * Rotel before a server, a collector for OTLP: ROTEL is its program. It joins spans for two seconds, sends them to a
 * new experiment of this name, and repeats what fails.
 */
export async function startCollector(server, name) {
  const body = JSON.stringify({ name });
  const headers = { "content-type": "application/json" };
  const url = `${server}/api/2.0/mlflow/experiments/create`;
  const { experiment_id: id } = await (await fetch(url, { method: "POST", headers, body })).json();
  const exports = await startFront([server]);
  const endpoint = `${HOST}:${await freePort()}`;
  const parameters = ["start", "--otlp-http-endpoint", endpoint, "--otlp-grpc-endpoint", `${HOST}:0`];
  parameters.push("--exporter", "otlp", "--otlp-exporter-protocol", "http", "--otlp-exporter-endpoint", exports.uri);
  parameters.push("--otlp-exporter-custom-headers", `x-mlflow-experiment-id=${id}`, "--batch-timeout", "2s");
  parameters.push("--otlp-exporter-request-timeout", "60s");
  parameters.push("--pid-file", join(mkdtempSync(join(tmpdir(), "mlflow-ag2-load-")), "pid"));
  const collector = start(process.env.ROTEL, parameters);
  const uri = `http://${endpoint}`;
  await until(async () => (await fetch(uri)).status > 0);
  return {
    uri,
    pid: collector.pid,
    /** Stops it; gives the requests that it has sent to the server. */
    async stop() {
      await collector.stop();
      const { requests, bytes, byStatus } = await exports.report();
      await exports.stop();
      return { requests, bytes, byStatus };
    },
  };
}
