/** The installed package at work without a network: the demonstration's conversation, its trace kept in memory. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";

const PROGRAM = `
import { autolog, getLastActiveTraceId, getTrace } from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

globalThis.fetch = () => { throw new Error("there is no network"); };
autolog();
const client = new ScriptedModel([{ content: "It is 42." }]);
const llmConfig = { configList: [{ model: "gpt-4o-mini", client }] };
const assistant = new ConversableAgent({ name: "assistant", llmConfig });
const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
const { summary } = await user.initiateChat(assistant, { message: "What is it?", maxTurns: 1, silent: true });
const trace = await getTrace(getLastActiveTraceId());
console.log(JSON.stringify([summary, trace.data.spans.map((span) => span.spanType + " " + span.name)]));
`;

test("the installed package traces a conversation without a network", async () => {
  const project = await userProject(temporaryFolder("empty"));
  writeFileSync(join(project, "main.mjs"), PROGRAM);
  const printed = await runOrThrow(process.execPath, ["main.mjs"], { cwd: project });
  assert.deepEqual(JSON.parse(printed), [
    "It is 42.",
    ["CHAIN initiate_chat", "AGENT assistant", "LLM chat_completion"],
  ]);
});
