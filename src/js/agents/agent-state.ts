/** The inner parts of a `ConversableAgent`, for the modules that make up its behaviour. Not part of the public names. */

import type { Agent } from "./agent.js";
import type { AutoReplies } from "./auto-replies.js";
import type { ChatResult } from "./chat-result.js";
import type { ChatHistory } from "./chat-history.js";
import type { CodeExecutionConfig } from "./code-execution-config.js";
import type { HookLists } from "./hooks.js";
import type { ChatMessage } from "./message.js";
import type { LlmConfig } from "./llm-config.js";
import type { OpenAIWrapper } from "./openai-wrapper.js";
import type { ReplyChain } from "./reply-chain.js";
import type { Tool } from "./tool.js";

/** Where an agent keeps its parts. A symbol that is not exported from the package keeps them out of its users' way. */
export const agentState: unique symbol = Symbol("agent state");

/** The parts. */
export interface AgentState {
  readonly history: ChatHistory;
  readonly autoReplies: AutoReplies;
  readonly hooks: HookLists;
  readonly replies: ReplyChain;
  /** The tools the agent can run, by name. */
  readonly tools: Map<string, Tool<never>>;
  /** Whose messages the agent answers when the message itself does not say. */
  readonly replyAtReceive: Map<Agent, boolean>;
  /** What runs the code in messages; false: nothing. */
  readonly codeExecution: CodeExecutionConfig | false;
  readonly defaultAutoReply: string | ChatMessage | null;
  /** The first message of every request. */
  systemMessage: ChatMessage;
  /** The models the agent may ask, with the tools they are told of; false: none. */
  llmConfig: LlmConfig | false;
  client: OpenAIWrapper | undefined;
  /** The tools the agent's model has been told of, by name. */
  readonly toldTools: Map<string, Tool<never>>;
  /** The results of the agent's last `initiateChats`. */
  finishedChats: ChatResult[] | Map<number, ChatResult>;
  /** What persons have typed in the current chat. */
  humanInput: string[];
  /** Whom else a chat with `other` has to make ready: the members of the group that the agent manages. */
  prepareMembers?: (other: Agent, clearHistory: boolean, replyAtReceive: boolean) => void;
}
