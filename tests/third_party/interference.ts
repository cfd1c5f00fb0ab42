/**
 * Runs every program again and again in one way of tracing, and prints everything that it saw: results,
 * errors, the order of operations to the microtask, and unhandled rejections. The output must be the same in
 * every mode. `MODE` is `off`, `on`, `wrapped`, `switching` or `failing`.
 */

import { autolog, disable, enable, init, stats, wrapAgent } from "mlflow-ag2";
import type { AgentObserver } from "mlflow-ag2/agents";
import * as classic from "./classic.js";
import { closureGroup, libraries, programs, type Seen } from "./programs.js";
import { newLog, ScriptedOpenAI, timed } from "./script.js";

const mode = process.argv[2] ?? "off";
const rounds = Number(process.argv[3] ?? "3");
const OBSERVERS = Symbol.for("mlflow-ag2.agent-observers");

const unhandled: string[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(String(reason)));
process.on("rejectionHandled", () => unhandled.push("handled later"));

/** Throws every now and then, always in the same places of one run. */
let seed = 7;
function failsNow(): boolean {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed % 3 === 0;
}

function failNowAndThen<Args extends unknown[], Result>(fn: (...given: Args) => Result): (...given: Args) => Result {
  return function (this: unknown, ...given) {
    if (failsNow()) throw new Error("the tracer fails");
    return Reflect.apply(fn, this, given);
  };
}

if (mode !== "off") {
  init({ trackingUri: "memory:" });
  autolog({ library: libraries, silent: true });
}
if (mode === "failing") {
  // Functions that the tracer calls, so that it fails in the middle of its work.
  const nothing = (): void => {};
  const observer = Object.fromEntries(
    ["start", "end", "failure", "message", "chunk"].map((name) => [name, failNowAndThen(nothing)]),
  ) as AgentObserver;
  (globalThis as unknown as { [OBSERVERS]: Set<AgentObserver> })[OBSERVERS].add(observer);
  performance.now = failNowAndThen(performance.now.bind(performance));
  TextEncoder.prototype.encodeInto = failNowAndThen(TextEncoder.prototype.encodeInto);
}

/** A chat that is not awaited, and fails. */
async function forgotten(): Promise<Seen> {
  const log = newLog();
  const user = new classic.ConversableAgent({ name: "user", log });
  const assistant = new classic.AssistantAgent({
    name: "assistant",
    log,
    client: new ScriptedOpenAI([new Error("forgotten")], log),
  });
  void user.initiateChat(assistant, { message: "Hello?" });
  const late = user.initiateChat(assistant, { message: "And now?" });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const message = await late.catch((error: Error) => error.message);
  // Waiting begins when it is too late already: that, too, is noticed.
  await new Promise((resolve) => setTimeout(resolve, 5));
  return { result: message, log };
}

/** Promises that are passed on in different ways. */
async function handedOn(): Promise<Seen> {
  const log = newLog();
  const agent = (lines: (string | Error)[]): classic.AssistantAgent =>
    new classic.AssistantAgent({ name: "agent", log, client: new ScriptedOpenAI(lines, log), maxTurns: 9 });
  const other = new classic.ConversableAgent({ name: "other", log });
  const error = new Error("refused");
  const ask = (line: string | Error): Promise<unknown> =>
    agent([line]).generateReply([{ role: "user", content: "hi" }], other);
  const results = await Promise.all([
    ask("one").then((value) => log.push(`then ${String(value)}`)),
    ask(error).catch((caught: unknown) => log.push(`caught ${String(caught === error)}`)),
    ask("three").finally(() => log.push("finally")),
    Promise.race([ask("four"), ask("five")]),
    Promise.allSettled([ask("six"), ask(error)]),
    Promise.any([ask(error), ask("seven")]),
    (async () => ask("eight"))(),
    new Promise((resolve) => resolve(ask("nine"))),
  ]);
  return { result: results, log };
}

const wrap = mode === "wrapped" ? wrapAgent : <Agent extends object>(agent: Agent): Agent => agent;
const all: Record<string, () => Promise<Seen>> = {
  ...programs,
  closureGroup: () => closureGroup(wrap),
  forgotten,
  handedOn,
};

const seen: Record<string, unknown[]> = {};
for (let round = 0; round < rounds; round++) {
  for (const [name, program] of Object.entries(all)) {
    if (mode === "switching" && failsNow()) (failsNow() ? enable : disable)();
    (seen[name] ??= []).push(await timed(program));
  }
}
await new Promise((resolve) => setTimeout(resolve, 20));
const { traces, hookFailures } = stats();
console.log(`RESULT ${JSON.stringify({ seen, unhandled, traces, hookFailures })}`);
process.exit(0);
