/**
 * WebAssembly that can get no more memory traps. From then on nothing is recorded, one warning says so, and every
 * function of the package keeps its promise: none throws that did not before, none leaves a promise pending.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { run } from "../support/child.js";
import { projectRoot } from "../support/project.js";

/** A module whose memory cannot grow beyond so many pages of 64 KiB: a host refuses to give more in the same way. */
const LIMITED = `
  const limited = (bytes, pages) => {
    const number = (at) => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value |= (byte & 127) << shift;
        if (byte < 128) return [value, at];
      }
    };
    const written = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...written(value >>> 7)]);
    for (let at = 8; ; ) {
      const id = bytes[at];
      const [length, body] = number(at + 1);
      if (id === 5) {
        const [least] = number(body + 2);
        const section = [1, 1, ...written(least), ...written(Math.max(pages, least))];
        const [before, after] = [bytes.subarray(0, at), bytes.subarray(body + length)];
        return new Uint8Array([...before, 5, ...written(section.length), ...section, ...after]);
      }
      at = body + length;
    }
  };`;

const PROGRAM = `
  import fs from "node:fs";
  const fatal = [];
  process.on("unhandledRejection", (error) => fatal.push("unhandled " + String(error)));
  process.on("uncaughtException", (error) => fatal.push("uncaught " + String(error)));
  const warnings = [];
  console.warn = (text) => void warnings.push(text);
  const mlflow = await import("mlflow-ag2/slim");
  const { ConversableAgent } = await import("mlflow-ag2/agents");
  const { ScriptedModel } = await import("mlflow-ag2/agents/testing");
  ${LIMITED}
  const wasm = limited(new Uint8Array(fs.readFileSync("pkg/wasm/mlflow_ag2_bg.wasm")), Number(process.env.PAGES));
  const fetch = async (url) => new URL(url).pathname === "/v1/traces"
    ? new Response("", { status: 503 })
    : Response.json({ store_type: "SqlStore", workspaces_enabled: false });
  const trackingUri = process.env.SERVER;
  mlflow.init({ wasm, trackingUri, ...(trackingUri !== "memory:" && { fetch, batchDelayMs: 0 }) });
  mlflow.autolog();
  const results = [];
  const flushes = [];
  const open = [];
  for (let round = 0; round < 60; round++) {
    results.push(mlflow.withSpan(() => "x".repeat(100_000).length, { name: "work" }));
    results.push(mlflow.trace((text) => text.length, { name: "traced" })("y".repeat(100_000)));
    open.push(mlflow.startSpan({ name: "open", inputs: "z".repeat(30_000) }));
    if (round % 20 === 0) flushes.push(mlflow.flush({ timeoutMs: 50 }));
    await null;
  }
  const chat = async () => {
    const client = new ScriptedModel({ responses: [{ content: "Lisbon.", usage: [21, 5] }] });
    const bot = new ConversableAgent({ name: "bot", llmConfig: { model: "m", client } });
    const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
    return (await user.initiateChat(bot, { message: "hi", maxTurns: 1, silent: true })).summary;
  };
  results.push(await chat());
  for (const span of open) {
    span.setInputs(1); span.setOutputs(2); span.setAttribute("a", 1); span.setAttributes({ b: 2 });
    span.setSpanType("TOOL"); span.setStatus("ERROR", "no"); span.addEvent({ name: "e" });
    span.recordException(new Error("x")); span.end({ outputs: 1 });
    results.push(typeof span.traceId);
  }
  const settled = await Promise.all([...flushes, mlflow.flush({ timeoutMs: 50 })]);
  const after = {
    isEnded: mlflow.stats().unavailable !== undefined,
    flushed: settled.every(({ delivered, pending, dropped }) => [delivered, pending, dropped].every(Number.isFinite)),
    experiment: await mlflow.setExperiment("x").then(() => "found", ({ code }) => code),
    trace: await mlflow.getTrace("tr-" + "0".repeat(32)),
    search: Array.isArray((await mlflow.searchTraces().catch(() => ({ traces: [] }))).traces),
    uri: typeof mlflow.getTrackingUri(),
  };
  mlflow.getLastActiveTraceId();
  mlflow.setTrackingUri("http://127.0.0.1:9");
  mlflow.init({ maxBufferBytes: 1e6, redact: () => {}, captureInputs: true, samplingRatio: 0.5, token: "abc" });
  mlflow.updateCurrentTrace({ tags: { a: "b" } });
  mlflow.getCurrentActiveSpan();
  mlflow.getTracingContextHeadersForHttpRequest();
  results.push(mlflow.withTracingContextFromHeaders("00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01", () => 1));
  mlflow.onTrace(() => {})();
  mlflow.wrapTool(() => 1, { name: "tool" })();
  results.push(await chat());
  mlflow.disable();
  mlflow.enable();
  mlflow.autolog({ disable: true });
  mlflow.autolog();
  after.shutdown = Object.keys(await mlflow.shutdown({ timeoutMs: 50 })).length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  const ended = warnings.filter((text) => text.includes("core_failed")).length;
  const right = results.every((result) => [100_000, "Lisbon.", "string", 1].includes(result));
  console.log("RESULT " + JSON.stringify({ after, fatal, ended, right }));
  process.exit();
`;

interface Result {
  after: { isEnded: boolean; flushed: boolean; experiment: string; trace: null; search: boolean; shutdown: number };
  fatal: string[];
  ended: number;
  right: boolean;
}

for (const server of ["memory:", "http://127.0.0.1:9"]) {
  describe(`a core without more memory, with ${server}`, () => {
    for (const pages of [20, 24, 28, 33, 40, 57, 90, 130]) {
      test(`of ${pages} pages ends tracing, and nothing else`, async () => {
        const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
          cwd: projectRoot,
          environment: { PAGES: String(pages), SERVER: server },
        });
        const result = JSON.parse(/RESULT (.*)/.exec(stdout)?.[1] ?? assert.fail(stderr)) as Result;
        assert.deepEqual(
          { ...result, after: { ...result.after, uri: "string" } },
          {
            after: {
              isEnded: true,
              flushed: true,
              experiment: "core_failed",
              trace: null,
              search: true,
              uri: "string",
              shutdown: 3,
            },
            fatal: [],
            ended: 1,
            right: true,
          },
        );
      });
    }
  });
}
