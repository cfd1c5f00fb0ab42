/**
 * The golden files of the programs in tests/golden/extra, which record more of Python's AG2 than the traced
 * scenarios.
 */

import type { Agent, ChatMessage, ChatResult, ConversableAgent, ModelRequest } from "mlflow-ag2/agents";
import { type Script, ScriptedModel } from "mlflow-ag2/agents/testing";
import { readGolden } from "../support/golden-files.js";
import { comparable, rounded } from "./golden.js";

/** A model with the script of a program. */
export function extraModel(name: string): ScriptedModel {
  return new ScriptedModel(read(`scripts/${name}.json`) as Script);
}

/** The bodies of the requests that Python's AG2 sent. */
export function extraRequests(name: string): ModelRequest[] {
  return (read(`${name}.requests.json`) as { requests: { body: ModelRequest }[] }).requests.map(({ body }) => body);
}

/** The results of the Python program, by label. */
export function extraResults(name: string): Record<string, unknown> {
  return (read(`${name}.result.json`) as { results: Record<string, unknown> }).results;
}

/** A copy in the form of the golden files: results of chats with AG2's names, other values as JSON data. */
export function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("chatHistory" in value) return comparable(value as ChatResult);
  if (Array.isArray(value)) return value.map(plain);
  return rounded(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)])));
}

/** The histories of agents, by the names of both sides. */
export function memory(agents: readonly ConversableAgent[]): Record<string, Record<string, ChatMessage[]>> {
  const byName = (conversations: ReadonlyMap<Agent, ChatMessage[]>): Record<string, ChatMessage[]> =>
    Object.fromEntries([...conversations].map(([other, messages]) => [other.name, messages]));
  return Object.fromEntries(agents.map((agent) => [agent.name, byName(agent.chatMessages)]));
}

function read(path: string): unknown {
  return readGolden(`extra/${path}`);
}
