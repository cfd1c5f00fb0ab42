/** Agents and models for small group chats. */

import { mock } from "node:test";
import {
  type ConversableAgent,
  GroupChat,
  GroupChatManager,
  type GroupChatManagerOptions,
  type GroupChatOptions,
  type ModelClient,
} from "mlflow-ag2/agents";
import { ScriptedModel, type ScriptStep } from "mlflow-ag2/agents/testing";
import { plainAgent } from "./agent_fixtures.js";

/** An agent whose replies contain its name. */
export function introducingAgent(name: string): ConversableAgent {
  return plainAgent(name, { defaultAutoReply: `This is ${name}.` });
}

/** An agent whose model never responds and ignores signals; `asked` resolves when it is called. */
export function agentWithPendingModel(name: string): { agent: ConversableAgent; asked: Promise<void> } {
  let notify = (): void => {};
  const asked = new Promise<void>((resolve) => (notify = resolve));
  const client: ModelClient = { create: () => (notify(), new Promise(() => {})) };
  return { agent: plainAgent(name, { llmConfig: { configList: [{ model: "thinking", client }] } }), asked };
}

/** Three agents whose replies contain their names. */
export function threeAgents(): [ConversableAgent, ConversableAgent, ConversableAgent] {
  return [introducingAgent("alice"), introducingAgent("bob"), introducingAgent("sam")];
}

/** A group chat with these agents and options, and a silent manager for it. */
export function managedGroup(
  agents: ConversableAgent[],
  options: Partial<GroupChatOptions> = {},
  managerOptions: Partial<GroupChatManagerOptions> = {},
): { groupChat: GroupChat; manager: GroupChatManager } {
  const groupChat = new GroupChat({ agents, speakerSelectionMethod: "round_robin", ...options });
  return { groupChat, manager: new GroupChatManager({ groupChat, silent: true, ...managerOptions }) };
}

/** A group chat whose speakers a scripted model selects, and a silent manager for it. */
export function modelSelectedGroup(
  agents: ConversableAgent[],
  answers: readonly (string | ScriptStep)[],
  options: Partial<GroupChatOptions> = {},
): { groupChat: GroupChat; manager: GroupChatManager; model: ScriptedModel } {
  const model = new ScriptedModel(answers.map((step) => (typeof step === "string" ? { content: step } : step)));
  const llmConfig = { configList: [{ model: "gpt-4o-mini", client: model }] };
  return { ...managedGroup(agents, { speakerSelectionMethod: "auto", ...options }, { llmConfig }), model };
}

/** The names of the speakers so far. */
export function speakers({ messages }: GroupChat): unknown[] {
  return messages.map(({ name }) => name);
}

/** The warnings while `action` runs. */
export function warnings(action: () => unknown): string[] {
  const warn = mock.method(console, "warn", () => {});
  try {
    action();
    return warn.mock.calls.map(({ arguments: [text] }) => String(text));
  } finally {
    warn.mock.restore();
  }
}
