/**
 * `mlflow-ag2/agents`: AG2 Classic for JavaScript. It depends on no tracer; tracers attach through `observe`.
 *
 * @module mlflow-ag2/agents
 */

// In the order in which minified bundles compress best: similar texts near each other.
export {
  type ChatCost,
  gatherUsageSummary,
  type ModelUsage,
  type ModelUsageTotal,
  type UsageCounter,
  type UsageSummary,
} from "./models/usage.js";
export { OpenAIClient, type OpenAIClientOptions } from "./models/openai-client.js";
export { type SystemMessageFunction, UpdateSystemMessage } from "./agent/update-system-message.js";
export { Tool, type ToolContext, type ToolFunction, type ToolOptions } from "./tools/tool.js";
export { type CreateOptions, OpenAIWrapper } from "./models/openai-wrapper.js";
export { initiateChats, type InitiateChatsOptions } from "./chat/chats.js";
export { contentText } from "./message/message.js";
export { Toolkit } from "./tools/toolkit.js";
export { ConversableAgent } from "./agent/conversable-agent.js";
export { GroupChatManager, type GroupChatManagerOptions } from "./group-chat/group-chat-manager.js";
export { AssistantAgent } from "./agent/assistant-agent.js";
export {
  registerFunction,
  type RegisterForExecutionOptions,
  type RegisterForLlmOptions,
  type RegisterFunctionOptions,
} from "./tools/tool-registration.js";
export {
  AgentError,
  type AgentErrorCode,
  APIConnectionError,
  APIError,
  type APIErrorBody,
  APITimeoutError,
} from "./util/errors.js";
export {
  type AgentObserver,
  type EndDetails,
  type MessageEvent,
  type Named,
  observe,
  OBSERVERS_SYMBOL,
  type ReportTimeNs,
  type Scope,
  type ScopeKind,
  type StartDetails,
} from "./observe/observer.js";
export { GroupChat } from "./group-chat/group-chat.js";
export { humanInput, type HumanInputFunction, type HumanInputRequest } from "./agent/human-input.js";
export { UserProxyAgent } from "./agent/user-proxy-agent.js";

export type { DefaultReplyFunctions } from "./agent/default-replies.js";
export type { Agent, DeliveryOptions, GenerateReplyOptions } from "./types.js";
export type {
  AgentStateUpdate,
  ConversableAgentOptions,
  HumanInputMode,
  TerminationFunction,
} from "./agent/agent-options.js";
export type { Cache } from "./models/cache.js";
export type { Carryover } from "./chat/carryover.js";
export type { InitiateChatOptions, MessageFunction } from "./chat/chat.js";
export type { ChatQueueEntry, ChatWithId } from "./chat/chat-queue.js";
export type { ChatResult } from "./chat/chat-result.js";
export type { CodeExecutionConfig } from "./executors/code-execution-config.js";
export type {
  AgentEligibilityPolicy,
  ClearHistoryCommand,
  GroupChatOptions,
  SelectionContext,
  SpeakerSelectionFunction,
  SpeakerSelectionMethod,
  SpeakerSelectionMethodName,
} from "./group-chat/group-chat-options.js";
export type {
  ContextVariableChanges,
  GuardrailEnd,
  GuardrailStart,
  HandoffEnd,
  HandoffStart,
  HandoffTrigger,
} from "./observe/group-operations.js";
export type { EmbeddingEnd, EmbeddingStart, RetrieverEnd, RetrieverStart } from "./observe/retrieval-operations.js";
export type { FunctionReturn, HookableMethod, Hooks } from "./agent/hooks.js";
export type { FilterFunction, LlmConfig, ModelConfig } from "./models/llm-config.js";
export type {
  ChatMessage,
  ContentPart,
  ContentParts,
  FunctionCall,
  MessageContent,
  MessageInput,
  ModelChoice,
  ModelRequest,
  ModelResponse,
  ModelTokenUsage,
  TemplateMessage,
  ToolCall,
  ToolResponse,
} from "./message/message.js";
export type { ModelCallOptions, ModelClient } from "./models/model-client.js";
export type { DestinationOptions } from "./models/openai-endpoint.js";
export type { OpenAIShapedClient } from "./models/openai-shaped-client.js";
export type { TokenPrice } from "./models/prices.js";
export type { ParsedContent, ResponseFormat, ResponseFormatOptions } from "./models/response-format.js";
export type { RegisterReplyOptions, ReplyFunction, ReplyResult, ReplyTrigger } from "./agent/reply-chain.js";
export type { CallContext, ContextOption } from "./types.js";
export type { SpeakerTransitions } from "./group-chat/speaker-transitions.js";
export type { StandardIssue, StandardOutput, StandardResult, StandardSchema } from "./schema/standard-schema.js";
export type { SummaryFunction, SummaryMethod } from "./chat/summary.js";
export type { ArgumentsOf, JsonSchema, ToJsonSchema, ToolParameters } from "./schema/schema.js";
