/** The creation of an agent's internal state. */

import { ChatHistory } from "../chat/chat-history.js";
import { OpenAIWrapper } from "../models/openai-wrapper.js";
import { AgentError } from "../util/errors.js";
import { checkOptions } from "../util/options.js";
import { AGENT_OPTIONS, type ConversableAgentOptions } from "./agent-options.js";
import type { AgentState } from "./agent-state.js";
import { AutoReplies } from "./auto-replies.js";
import { HookLists } from "./hooks.js";
import { ReplyChain } from "./reply-chain.js";

/** The default limit of consecutive automatic replies. */
export const MAX_CONSECUTIVE_AUTO_REPLY = 100;

/**
 * The internal state of a new agent, before its reply functions, hooks and tools are registered.
 *
 * @throws AgentError for invalid options
 */
export function createAgentState(options: ConversableAgentOptions): AgentState {
  checkOptions("ConversableAgent", options, AGENT_OPTIONS);
  const { name, systemMessage = "You are a helpful AI Assistant.", llmConfig = false, defaultAutoReply = "" } = options;
  if (!name) throw new AgentError("invalid_name", "an agent needs a `name`");
  if (llmConfig !== false && /\s/.test(name)) {
    throw new AgentError("invalid_name", `the name \`${name}\` of an agent with a model must not hold white space`);
  }
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
