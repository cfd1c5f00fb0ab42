/** The options of `ConversableAgent` (AG2: `ConversableAgent.__init__`). */

import type { Agent, CallContext } from "../types.js";
import type { CodeExecutionConfig } from "../executors/code-execution-config.js";
import type { Hooks } from "./hooks.js";
import type { HumanInputFunction } from "./human-input.js";
import type { LlmConfig } from "../models/llm-config.js";
import type { ChatMessage, MessageContent } from "../message/message.js";
import type { Tool, ToolFunction } from "../tools/tool.js";
import type { OptionRules } from "../util/options.js";
import type { UpdateSystemMessage } from "./update-system-message.js";

/**
 * The times at which a person is asked: for every reply ("ALWAYS"), when the conversation would end
 * ("TERMINATE"), or never ("NEVER").
 */
export type HumanInputMode = "ALWAYS" | "TERMINATE" | "NEVER";

/** Decides whether a message ends the conversation. */
export type TerminationFunction = (message: ChatMessage, context: CallContext) => boolean | Promise<boolean>;

/** Options of `ConversableAgent`. */
export interface ConversableAgentOptions {
  /** The agent's name. The name of an agent with a model must not contain white space. */
  name: string;
  /** The system message for the model; not given: "You are a helpful AI Assistant." */
  systemMessage?: MessageContent | undefined;
  /** Decides whether a message ends the conversation; not given: one with the text "TERMINATE" does. */
  isTerminationMsg?: TerminationFunction | undefined;
  /** The most consecutive replies without a person; not given: 100. With 0 the agent makes none. */
  maxConsecutiveAutoReply?: number | undefined;
  /** The times at which a person is asked; not given: "TERMINATE". */
  humanInputMode?: HumanInputMode | undefined;
  /** Asks the person; not given: on the terminal, or in the browser's dialog. */
  getHumanInput?: HumanInputFunction | undefined;
  /** The functions that the agent can run, by tool name. */
  functionMap?: Readonly<Record<string, ToolFunction<never> | Tool>> | undefined;
  /**
   * Tools for the agent's model, as by `registerForLlm`. They are run by the agent that has them registered for
   * execution, by `run`, or by the group.
   */
  functions?: Tool | ToolFunction<never> | readonly (Tool | ToolFunction<never>)[] | undefined;
  /** Whether the tool calls of one message run concurrently; not given: one after the other. */
  parallelToolCalls?: boolean | undefined;
  /** The executor of code in messages; not given or false: code is not run. */
  codeExecutionConfig?: CodeExecutionConfig | false | undefined;
  /** The models that the agent may call; not given or false: none. */
  llmConfig?: LlmConfig | false | undefined;
  /** The reply if no reply function makes one; null: none, which ends the conversation. Not given: "". */
  defaultAutoReply?: string | ChatMessage | null | undefined;
  /** The description for other agents; not given: the system message. */
  description?: string | undefined;
  /** Earlier conversations of the agent. */
  chatMessages?: Iterable<readonly [Agent, ChatMessage[]]> | undefined;
  /** Whether the agent's messages are kept off the terminal; not given: as set for each chat. */
  silent?: boolean | undefined;
  /** Values for system messages and tools. The agent keeps this object itself, so that agents can share it. */
  contextVariables?: Record<string, unknown> | undefined;
  /** Called before each reply: functions for the hook `updateAgentState`, or an `UpdateSystemMessage`. */
  updateAgentStateBeforeReply?: AgentStateUpdate | readonly AgentStateUpdate[] | undefined;
}

/** The rules of the options. */
export const AGENT_OPTIONS: OptionRules<ConversableAgentOptions> = {
  name: "text",
  systemMessage: "any",
  isTerminationMsg: "function",
  maxConsecutiveAutoReply: "count",
  humanInputMode: ["ALWAYS", "TERMINATE", "NEVER"],
  getHumanInput: "function",
  functionMap: "object",
  functions: "any",
  parallelToolCalls: "flag",
  codeExecutionConfig: "any",
  llmConfig: "any",
  defaultAutoReply: "any",
  description: "text",
  chatMessages: "any",
  silent: "flag",
  contextVariables: "object",
  updateAgentStateBeforeReply: "any",
};

/** An update of an agent before it replies. */
export type AgentStateUpdate = Hooks["updateAgentState"] | UpdateSystemMessage;
