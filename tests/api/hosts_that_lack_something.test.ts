/** A host that lacks what the core needs gets a warning that names it; the program runs on untraced. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { projectRoot } from "../support/project.js";

const PROGRAM = `
  const warnings = [];
  console.warn = (text) => void (text.startsWith("mlflow-ag2: ") && warnings.push(text));
  const mlflow = await import("mlflow-ag2");
  const { ConversableAgent } = await import("mlflow-ag2/agents");
  const { ScriptedModel } = await import("mlflow-ag2/agents/testing");
  mlflow.init({ trackingUri: "memory:", username: "ada", password: "grün" });
  mlflow.autolog();
  const results = [mlflow.withSpan(() => 1, { name: "work" }), await mlflow.trace(async () => 2)()];
  const client = new ScriptedModel({ responses: [{ content: "hello" }] });
  const bot = new ConversableAgent({ name: "bot", llmConfig: { model: "m", client } });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
  results.push((await user.initiateChat(bot, { message: "hi", maxTurns: 1, silent: true })).summary);
  const { unavailable = "", started } = mlflow.stats();
  console.log("RESULT " + JSON.stringify({ results, unavailable, started, warnings, flushed: await mlflow.flush() }));
`;

for (const name of ["TextEncoder", "TextDecoder", "WebAssembly", "structuredClone", "AbortController", "performance"]) {
  const isNeeded = ["TextEncoder", "TextDecoder", "WebAssembly"].includes(name);
  test(`without ${name} ${isNeeded ? "one warning names it" : "everything is recorded"}`, async () => {
    const printed = await runOrThrow(
      process.execPath,
      ["--input-type=module", "--eval", `delete globalThis.${name};${PROGRAM}`],
      { cwd: projectRoot },
    );
    const { results, unavailable, started, warnings, flushed } = JSON.parse(/RESULT (.*)/.exec(printed)![1]!) as {
      results: unknown[];
      unavailable: string;
      started: number;
      warnings: string[];
      flushed: object;
    };
    assert.deepEqual(results, [1, 2, "hello"]);
    assert.equal(Object.keys(flushed).length, 3);
    if (!isNeeded) return assert.deepEqual([unavailable, warnings, started > 3], ["", [], true]);
    assert.deepEqual([started, warnings.length], [0, 1]);
    for (const text of [unavailable, warnings[0]!]) {
      assert.match(text, new RegExp(`\`${name}\``));
      assert.doesNotMatch(text, /script-src|policy/);
    }
  });
}
