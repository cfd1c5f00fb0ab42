/**
 * Records a trace with persistence on and ends in the given way (`?end=…`), or delivers what
 * programs before it have left (`?end=deliver`). Runs in Node, Deno, Bun and pages.
 */

import * as mlflow from "mlflow-ag2";
import { report } from "./host.js";

interface Host {
  location?: { search: string };
  process?: {
    argv: string[];
    exit(code: number): never;
    getBuiltinModule(name: string): { readdirSync(folder: string): string[] };
  };
  Deno?: { exit(code: number): never };
}

const host = globalThis as unknown as Host;
const query = new URLSearchParams(host.location?.search ?? host.process?.argv[2] ?? "");
const folder = query.get("folder") ?? "";
const traces = Number(query.get("traces") ?? 0);
const isOpen = query.get("open") === "1";
/** How long changes of each trace may take, in milliseconds; 0: there are none. */
const changesMs = Number(query.get("changesMs") ?? 0);
const CHANGES = 4;
const end = query.get("end");

const persist = {
  ...(folder !== "" && { folder }),
  ...(JSON.parse(query.get("limits") ?? "{}") as mlflow.PersistOptions),
};
// Before `init`, so that this is recorded before other listeners of the unload run.
if (end === "leave") addEventListener("pagehide", () => record());
mlflow.init({ trackingUri: query.get("trackingUri") ?? "", persist, liveDelayMs: 0 });
for (let number = 0; number < traces; number += 1) record();
if (end === "exit") (host.Deno ?? host.process)?.exit(3);
if (end === "throw")
  queueMicrotask(() => {
    throw new Error("not caught");
  });
if (end === "reject") void Promise.reject(new Error("not caught"));
if (end === "look") await look();
if (end === "erase") {
  mlflow.init({ persist: false });
  host.process?.exit(0);
}
if (end === "overflow") await overflow();
if (end === "flush") {
  await mlflow.flush();
  report(mlflow.stats());
}
if (end === "hang" || end === "leave") await hang();
if (end === "deliver") await deliver();
if (end === "deliver-valid") await deliverValid();

/** A trace of two spans, of which one does not end with `open=1`. */
function record(): void {
  const root = mlflow.startSpan({ name: "kept" });
  mlflow.startSpan({ name: "kept too", parent: root }).end();
  if (!isOpen) root.end();
  console.log(`MADE ${root.traceId}`);
  if (changesMs > 0) change(root.traceId);
}

/** Feedback on a trace, and one tag of it three times. */
function change(traceId: string): void {
  void mlflow.logFeedback({ traceId, name: "helpful", value: true, timeoutMs: changesMs });
  for (const value of ["1", "2", "3"]) void mlflow.setTraceTag(traceId, "turn", value, { timeoutMs: changesMs });
}

/** Prints when all is stored, and then waits to be killed. */
async function hang(): Promise<void> {
  await until(async () => (await keptSpans()) >= (isOpen ? 1 : 2) * traces);
  if (changesMs > 0) await until(async () => (await keptChanges()) >= CHANGES * traces);
  console.log("KEPT");
  setInterval(() => {}, 1000);
}

/** Prints its records after the search for those of others: between its first stored trace and its second. */
async function look(): Promise<void> {
  for (let times = 0; times < 2; times += 1) {
    const before = await keptSpans();
    record();
    await until(async () => (await keptSpans()) >= before + 2);
  }
  report(mlflow.stats());
}

/** Prints its records once the limits have removed some. */
async function overflow(): Promise<void> {
  await until(async () => mlflow.stats().notPersisted > 0);
  report(mlflow.stats());
  host.process?.exit(0);
}

/** Runs until nothing is kept any more. */
async function deliver(): Promise<void> {
  await until(async () => {
    await mlflow.flush({ timeoutMs: 1000 });
    return (await keptSpans()) === 0 && (await keptChanges()) === 0;
  });
  report(mlflow.stats());
}

/** Runs until a record has been delivered and another was found not to be one. */
async function deliverValid(): Promise<void> {
  await until(async () => {
    await mlflow.flush({ timeoutMs: 1000 });
    const { restored, buffered, dropped } = mlflow.stats();
    return restored > 0 && buffered === 0 && (dropped["unreadable"] ?? 0) > 0;
  });
  report(mlflow.stats());
  host.process?.exit(0);
}

async function keptSpans(): Promise<number> {
  const names = await keptNames();
  return names.reduce((sum, name) => sum + Number(/^p1\.\w+\.\d+\.(\d+)\./.exec(name)?.[1] ?? 0), 0);
}

async function keptChanges(): Promise<number> {
  return (await keptNames()).filter((name) => /^p1\.\w+\.\d+\.c/.test(name)).length;
}

async function keptNames(): Promise<string[]> {
  return host.location === undefined
    ? host.process!.getBuiltinModule("node:fs").readdirSync(folder)
    : await keysInDatabase();
}

/** Only looks: a database that is not there yet must not be made here. */
async function keysInDatabase(): Promise<string[]> {
  if (!(await indexedDB.databases()).some(({ name }) => name === "mlflow-ag2")) return [];
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("mlflow-ag2");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const keys = opening.result.transaction("entries").objectStore("entries").getAllKeys();
      keys.onsuccess = () => {
        opening.result.close();
        resolve(keys.result as string[]);
      };
      keys.onerror = () => reject(keys.error);
    };
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
