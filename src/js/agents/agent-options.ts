/** How a `ConversableAgent` is set up (AG2: `ConversableAgent.__init__`). */

import type { Agent } from "./agent.js";
import type { CodeExecutionConfig } from "./code-execution-config.js";
import type { Hooks } from "./hooks.js";
import type { HumanInputFunction } from "./human-input.js";
import type { LlmConfig } from "./llm-config.js";
import type { ChatMessage, MessageContent } from "./message.js";
import type { CallContext } from "./scope.js";
import type { Tool, ToolFunction } from "./tool.js";
import type { UpdateSystemMessage } from "./update-system-message.js";

/**
 * When a person is asked: for every reply ("ALWAYS"), when the conversation would end ("TERMINATE"),
 * or not at all ("NEVER").
 */
export type HumanInputMode = "ALWAYS" | "TERMINATE" | "NEVER";

/** Whether a message ends the conversation. */
export type TerminationFunction = (message: ChatMessage, context: CallContext) => boolean | Promise<boolean>;

/** Options of `ConversableAgent`. */
export interface ConversableAgentOptions {
  /** The agent's name. With a model of OpenAI's it must not contain white space. */
  name: string;
  /** What the model is told first; not given: "You are a helpful AI Assistant." */
  systemMessage?: MessageContent | undefined;
  /** Whether a message ends the conversation; not given: one that says just "TERMINATE". */
  isTerminationMsg?: TerminationFunction | undefined;
  /** How many replies in a row the agent makes by itself; not given: 100. With 0 it makes none. */
  maxConsecutiveAutoReply?: number | undefined;
  /** When a person is asked; not given: "TERMINATE". */
  humanInputMode?: HumanInputMode | undefined;
  /** Asks the person; not given: the terminal, or the browser's dialog. */
  getHumanInput?: HumanInputFunction | undefined;
  /** Functions the agent can run, by tool name. */
  functionMap?: Readonly<Record<string, ToolFunction<never> | Tool<never>>> | undefined;
  /** Runs the code in messages; not given or false: code is text like any other. */
  codeExecutionConfig?: CodeExecutionConfig | false | undefined;
  /** The models the agent may ask; not given or false: none. */
  llmConfig?: LlmConfig | false | undefined;
  /** The reply when nothing else makes one; null: none, which ends the conversation. Not given: "". */
  defaultAutoReply?: string | ChatMessage | null | undefined;
  /** What other agents are told of this one; not given: the system message. */
  description?: string | undefined;
  /** Conversations the agent had before. */
  chatMessages?: Iterable<readonly [Agent, ChatMessage[]]> | undefined;
  /** Whether what the agent says stays off the terminal; not given: as each chat says. */
  silent?: boolean | undefined;
  /** Values the agent works with, for system messages and tools; kept as this very object, so that agents can share one. */
  contextVariables?: Record<string, unknown> | undefined;
  /** Called before each reply: functions for the hook `updateAgentState`, or an `UpdateSystemMessage`. */
  updateAgentStateBeforeReply?: AgentStateUpdate | readonly AgentStateUpdate[] | undefined;
}

/** What brings an agent up to date before it replies. */
export type AgentStateUpdate = Hooks["updateAgentState"] | UpdateSystemMessage;
