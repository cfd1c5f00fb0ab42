/** Small groups by patterns, whose agents have scripted models. */

import type { ChatMessage, ConversableAgent, JsonSchema, ToolFunction } from "mlflow-ag2/agents";
import {
  DefaultPattern,
  type GroupChatOutcome,
  initiateGroupChat,
  type InitiateGroupChatOptions,
  type Pattern,
  type PatternOptions,
} from "mlflow-ag2/agents/group";
import type { ScriptedModel, ScriptStep } from "mlflow-ag2/agents/testing";
import { agentWithScript } from "./agent_fixtures.js";

/** An agent whose model gives these answers, and the model. */
export function speaker(
  name: string,
  ...steps: (string | ScriptStep)[]
): { agent: ConversableAgent; model: ScriptedModel } {
  return agentWithScript(name, steps, { defaultAutoReply: "" });
}

/** A step of a script that calls tools without arguments. */
export function calls(...names: string[]): ScriptStep {
  return { tool_calls: names.map((name, index) => ({ id: `${name}_${index}`, name, arguments: {} })) };
}

/** Gives an agent's model a tool. */
export function give(
  agent: ConversableAgent,
  name: string,
  fn: ToolFunction<never>,
  parameters: JsonSchema = { type: "object", properties: {} },
): void {
  agent.registerForLlm({ name, description: name, parameters })(fn);
}

/** A pattern without rules of its own, of these agents, the first of which begins. */
export function patternOf(agents: readonly ConversableAgent[], options: Partial<PatternOptions> = {}): DefaultPattern {
  return new DefaultPattern({ initialAgent: agents[0] as ConversableAgent, agents, ...options });
}

/** Runs a group chat that begins with "Begin.". */
export function converse(pattern: Pattern, options: Partial<InitiateGroupChatOptions> = {}): Promise<GroupChatOutcome> {
  return initiateGroupChat(pattern, { messages: "Begin.", silent: true, ...options });
}

/** The texts of the messages, each with its speaker. */
export function texts([{ chatHistory }]: GroupChatOutcome): string[] {
  return chatHistory.map(({ name, content }: ChatMessage) => `${name ?? "-"}: ${String(content)}`);
}
