/** The internal state of a `ConversableAgent`, shared by the modules that implement it. */

import type { Agent } from "../types.js";
import type { AutoReplies } from "./auto-replies.js";
import type { ChatResult, ChatResults } from "../chat/chat-result.js";
import type { ChatHistory } from "../chat/chat-history.js";
import type { CodeExecutionConfig } from "../executors/code-execution-config.js";
import type { HookLists } from "./hooks.js";
import type { ChatMessage } from "../message/message.js";
import type { LlmConfig } from "../models/llm-config.js";
import type { OpenAIWrapper } from "../models/openai-wrapper.js";
import type { ReplyChain } from "./reply-chain.js";
import type { Tool } from "../tools/tool.js";

/** The key of an agent's internal state. The package does not export the symbol, so that users do not see the field. */
export const agentState: unique symbol = Symbol("agent state");

/** The internal state of an agent. */
export interface AgentState {
  readonly history: ChatHistory;
  readonly autoReplies: AutoReplies;
  readonly hooks: HookLists;
  readonly replies: ReplyChain;
  /** The tools that the agent can run, by name. */
  readonly tools: Map<string, Tool>;
  /** Whether the tool calls of one message run concurrently. */
  readonly parallelToolCalls: boolean | undefined;
  /** Whether the agent replies to messages of a sender that do not request or decline a reply. */
  readonly replyAtReceive: Map<Agent, boolean>;
  /** The executor of code in messages; false: none. */
  readonly codeExecution: CodeExecutionConfig | false;
  readonly defaultAutoReply: string | ChatMessage | null;
  /** The first message of every request. */
  systemMessage: ChatMessage;
  /** The models that the agent may call, with their tools; false: none. */
  llmConfig: LlmConfig | false;
  client: OpenAIWrapper | undefined;
  /** The tools that are registered with the agent's model, by name. */
  readonly llmTools: Map<string, Tool>;
  /** The results of the agent's last `initiateChats`. */
  finishedChats: ChatResults;
  /** The replies that persons have typed in the current chat. */
  humanInput: string[];
  /** Prepares the members of the group that the agent manages for a chat with `other`. */
  prepareMembers?: (other: Agent, clearHistory: boolean, replyAtReceive: boolean) => void;
  /** The group that the agent manages by a pattern: the pattern's name, and what makes the result of its chat. */
  managedGroup?: { readonly pattern: string; finish(result: ChatResult): ChatResult };
}
