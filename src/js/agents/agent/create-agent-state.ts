/** The creation of an agent's internal state. */

import { ChatHistory } from "../chat/chat-history.js";
import { OpenAIWrapper } from "../models/openai-wrapper.js";
import type { ConversableAgentOptions } from "./agent-options.js";
import type { AgentState } from "./agent-state.js";
import { AutoReplies } from "./auto-replies.js";
import { HookLists } from "./hooks.js";
import { ReplyChain } from "./reply-chain.js";

/** The default limit of consecutive automatic replies. */
export const MAX_CONSECUTIVE_AUTO_REPLY = 100;

/** The internal state of a new agent, before its reply functions, hooks and tools are registered. */
export function createAgentState(options: ConversableAgentOptions): AgentState {
  const { systemMessage = "You are a helpful AI Assistant.", llmConfig = false, defaultAutoReply = "" } = options;
  return {
    history: new ChatHistory(options.chatMessages),
    autoReplies: new AutoReplies(options.maxConsecutiveAutoReply ?? MAX_CONSECUTIVE_AUTO_REPLY),
    hooks: new HookLists(),
    replies: new ReplyChain(),
    tools: new Map(),
    llmTools: new Map(),
    finishedChats: [],
    parallelToolCalls: options.parallelToolCalls,
    replyAtReceive: new Map(),
    codeExecution: options.codeExecutionConfig ?? false,
    defaultAutoReply,
    systemMessage: { content: systemMessage, role: "system" },
    llmConfig: llmConfig && { ...llmConfig },
    client: llmConfig ? new OpenAIWrapper(llmConfig) : undefined,
    humanInput: [],
  };
}
