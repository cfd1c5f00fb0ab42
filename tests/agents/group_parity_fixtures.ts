/** What the ports of tests/golden/extra share. */

import assert from "node:assert/strict";
import { ConversableAgent, type ConversableAgentOptions as Options, type ModelRequest } from "mlflow-ag2/agents";
import type { ScriptedModel } from "mlflow-ag2/agents/testing";
import { extraRequests, extraResults, plain } from "./extra_golden.js";
import { llmConfig } from "./golden.js";

/** Whether a message says that the conversation is over. */
export const saysTerminate: NonNullable<Options["isTerminationMsg"]> = (message) =>
  (message.content ?? "").includes("TERMINATE");

/** An agent without a model that asks no person. */
export function mute(name: string, options: Partial<Options> = {}): ConversableAgent {
  return new ConversableAgent({ name, llmConfig: false, humanInputMode: "NEVER", ...options });
}

/** An agent with the scripted model and `systemMessage`. */
export function speaking(
  name: string,
  systemMessage: string,
  model: ScriptedModel,
  options: Partial<Options> = {},
): ConversableAgent {
  return new ConversableAgent({
    name,
    systemMessage,
    llmConfig: llmConfig(model),
    humanInputMode: "NEVER",
    ...options,
  });
}

/** Compares a program with its golden files. */
export function holdToExtra(name: string, model: ScriptedModel, results: Record<string, unknown>): void {
  model.assertFinished();
  assert.deepEqual(model.requests, extraRequests(name));
  // Byte for byte, including the order of a message's fields.
  const letters = (requests: readonly ModelRequest[]): string[] =>
    requests.map(({ messages }) => JSON.stringify(messages));
  assert.deepEqual(letters(model.requests), letters(extraRequests(name)));
  assert.deepEqual(plain(results), extraResults(name));
}
