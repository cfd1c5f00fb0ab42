/**
 * Promise as the program has it: hooked agents and manual spans end where a script has wrapped `then`, has replaced
 * `Promise`, or loads zone.js, before this package or after it.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { projectRoot } from "../support/project.js";

const BEFORE: Record<string, string> = {
  "Promise.prototype.then is wrapped": `
    const before = Promise.prototype.then;
    Promise.prototype.then = function then(onValue, onError) { return before.call(this, onValue, onError); };`,
  "Promise.prototype.then is wrapped by one that hides": `
    Promise.prototype.then = new Proxy(Promise.prototype.then, {});`,
  "Promise is a subclass": `
    globalThis.Promise = class Promise extends globalThis.Promise {};`,
  "Promise is another class": `
    const Engine = Promise;
    globalThis.Promise = class Promise {
      #inner;
      constructor(executor) { this.#inner = executor instanceof Engine ? executor : new Engine(executor); }
      then(onValue, onError) { return new Promise(this.#inner.then(onValue, onError)); }
      catch(onError) { return this.then(undefined, onError); }
      finally(work) { return new Promise(this.#inner.finally(work)); }
      static resolve(value) { return value instanceof Promise ? value : new Promise((resolve) => resolve(value)); }
      static reject(error) { return new Promise((_, reject) => reject(error)); }
      static all(values) { return new Promise(Engine.all(values)); }
      static race(values) { return new Promise(Engine.race(values)); }
    };`,
  "zone.js is loaded": `await import("zone.js");`,
};

/** A program with hooked agents of all kinds of async functions, which prints what was recorded and its own results. */
const PROGRAM = `
  class Native { constructor(name) { this.name = name; }
    async generateReply() { await null; return this.name + " says hi"; }
    async initiateChat(other, { message }) { return other.generateReply([{ role: "user", content: message }]); } }
  // As compilers write it for older engines.
  const __awaiter = (generator) => new Promise((resolve, reject) => {
    const step = (result) => result.done ? resolve(result.value) : Promise.resolve(result.value).then(
      (value) => { try { step(generator.next(value)); } catch (error) { reject(error); } },
      (error) => { try { step(generator.throw(error)); } catch (failure) { reject(failure); } });
    try { step(generator.next()); } catch (error) { reject(error); }
  });
  class Compiled { constructor(name) { this.name = name; }
    generateReply() { const { name } = this;
      return __awaiter((function* () { yield null; return name + " says hi"; })()); }
    initiateChat(other, { message }) {
      const messages = [{ role: "user", content: message }];
      return __awaiter((function* () { return yield other.generateReply(messages); })()); } }
  const results = [];
  for (const Bot of [Native, Compiled]) {
    const [alice, bob] = [mlflow.wrapAgent(new Bot("alice")), mlflow.wrapAgent(new Bot("bob"))];
    results.push(await alice.initiateChat(bob, { message: "hello" }));
  }
  const wait = (ms, value) => new Promise((resolve) => setTimeout(() => resolve(value), ms));
  results.push(await mlflow.withSpan(async () => 1, { name: "async" }));
  results.push(await mlflow.withSpan(() => Promise.resolve(2), { name: "promise" }));
  results.push(await mlflow.withSpan(() => wait(1, 3), { name: "later" }));
  const failed = mlflow.withSpan(async () => { throw new Error("no"); }, { name: "failed" });
  const error = await failed.catch((error) => error.message);
  void mlflow.withSpan(() => wait(1), { name: "forgotten" });
  for (let turns = 0; turns < 60_000 && mlflow.stats().open > 0; turns++) await wait(1);
  const { traces } = await mlflow.searchTraces();
  const line = ({ spanType, name, status }) => spanType + " " + name + " " + status.code;
  const spans = traces.reverse().map(({ data }) => data.spans.map(line).join(", "));
  const { open, hookFailures } = mlflow.stats();
  console.log("RESULT " + JSON.stringify({ results, error, spans, open, hookFailures }));
`;

const EXPECTED = {
  results: ["bob says hi", "bob says hi", 1, 2, 3],
  error: "no",
  spans: [
    "CHAIN initiate_chat OK, AGENT bob OK",
    "CHAIN initiate_chat OK, AGENT bob OK",
    "UNKNOWN async OK",
    "UNKNOWN promise OK",
    "UNKNOWN later OK",
    "UNKNOWN failed ERROR",
    "UNKNOWN forgotten OK",
  ],
  open: 0,
  hookFailures: 0,
};

for (const [kind, replace] of Object.entries(BEFORE)) {
  describe(`where ${kind}`, () => {
    for (const [order, start] of [
      ["after the import", `const mlflow = await import("mlflow-ag2"); ${replace}`],
      ["before the import", `${replace} const mlflow = await import("mlflow-ag2");`],
    ] as const) {
      test(`${order}, all spans end, and the program's results are its own`, async () => {
        const program = `${start}\nmlflow.init({ trackingUri: "memory:" });\nmlflow.autolog();\n${PROGRAM}`;
        const printed = await runOrThrow(process.execPath, ["--input-type=module", "--eval", program], {
          cwd: projectRoot,
        });
        assert.deepEqual(JSON.parse(/RESULT (.*)/.exec(printed)![1]!), EXPECTED);
      });
    }
  });
}
