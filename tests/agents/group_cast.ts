/** Small group chats. */

import { mock } from "node:test";
import { type ConversableAgent, GroupChat, GroupChatManager, type GroupChatManagerOptions, type GroupChatOptions, type ModelClient } from "mlflow-ag2/agents";
import { ScriptedModel, type ScriptStep } from "mlflow-ag2/agents/testing";
import { plainAgent } from "./cast.js";

/** An agent that always says who it is. */
export function talker(name: string): ConversableAgent {
  return plainAgent(name, { defaultAutoReply: `This is ${name}.` });
}

/** An agent whose model never answers and does not listen to signals; `asked` tells when it was asked. */
export function agentThinking(name: string): { agent: ConversableAgent; asked: Promise<void> } {
  let tell = (): void => {};
  const asked = new Promise<void>((resolve) => (tell = resolve));
  const client: ModelClient = { create: () => (tell(), new Promise(() => {})) };
  return { agent: plainAgent(name, { llmConfig: { configList: [{ model: "thinking", client }] } }), asked };
}

/** Three agents that say who they are. */
export function trio(): [ConversableAgent, ConversableAgent, ConversableAgent] {
  return [talker("alice"), talker("bob"), talker("sam")];
}

/** A manager that prints nothing, of a group chat with these agents and options. */
export function managed(
  agents: ConversableAgent[],
  options: Partial<GroupChatOptions> = {},
  managerOptions: Partial<GroupChatManagerOptions> = {},
): { groupChat: GroupChat; manager: GroupChatManager } {
  const groupChat = new GroupChat({ agents, speakerSelectionMethod: "round_robin", ...options });
  return { groupChat, manager: new GroupChatManager({ groupChat, silent: true, ...managerOptions }) };
}

/** The same, where a model that says these things chooses the speakers. */
export function chosen(agents: ConversableAgent[], answers: readonly (string | ScriptStep)[], options: Partial<GroupChatOptions> = {}) {
  const model = new ScriptedModel(answers.map((step) => (typeof step === "string" ? { content: step } : step)));
  const llmConfig = { configList: [{ model: "gpt-4o-mini", client: model }] };
  return { ...managed(agents, { speakerSelectionMethod: "auto", ...options }, { llmConfig }), model };
}

/** The names of the speakers so far. */
export function speakers({ messages }: GroupChat): unknown[] {
  return messages.map(({ name }) => name);
}

/** What is warned of while `action` runs. */
export function warnings(action: () => unknown): string[] {
  const warn = mock.method(console, "warn", () => {});
  try {
    action();
    return warn.mock.calls.map(({ arguments: [text] }) => String(text));
  } finally {
    warn.mock.restore();
  }
}
