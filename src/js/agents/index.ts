/**
 * `mlflow-ag2/agents`: AG2 Classic for JavaScript. It knows no tracer; tracers attach through `observe`.
 *
 * @module mlflow-ag2/agents
 */

// In the order in which minified bundles pack best: like texts near each other.
export { type ChatCost, gatherUsageSummary, type ModelUsage, type ModelUsageTotal, type UsageCounter, type UsageSummary } from "./usage.js";
export { OpenAIClient, type OpenAIClientOptions } from "./openai-client.js";
export { Tool, type ToolFunction, type ToolOptions } from "./tool.js";
export { AgentError, type AgentErrorCode, APIConnectionError, APIError, type APIErrorBody, APITimeoutError } from "./errors.js";
export {
  registerFunction,
  type RegisterForExecutionOptions,
  type RegisterForLlmOptions,
  type RegisterFunctionOptions,
} from "./tool-registration.js";
export { type SystemMessageFunction, UpdateSystemMessage } from "./update-system-message.js";
export { initiateChats, type InitiateChatsOptions } from "./chats.js";
export { humanInput, type HumanInputFunction, type HumanInputRequest } from "./human-input.js";
export { GroupChatManager, type GroupChatManagerOptions } from "./group-chat-manager.js";
export { AssistantAgent } from "./assistant-agent.js";
export { ConversableAgent, type DefaultReplyFunctions } from "./conversable-agent.js";
export { UserProxyAgent } from "./user-proxy-agent.js";
export { GroupChat } from "./group-chat.js";
export { contentText } from "./message.js";
export {
  type AgentObserver,
  type EndDetails,
  type MessageEvent,
  type Named,
  observe,
  OBSERVERS_SYMBOL,
  type Scope,
  type ScopeKind,
  type StartDetails,
} from "./observer.js";
export { type CreateOptions, OpenAIWrapper } from "./openai-wrapper.js";

export type { Agent, DeliveryOptions, GenerateReplyOptions } from "./agent.js";
export type { AgentStateUpdate, ConversableAgentOptions, HumanInputMode, TerminationFunction } from "./agent-options.js";
export type { Cache } from "./cache.js";
export type { Carryover } from "./carryover.js";
export type { InitiateChatOptions, MessageFunction } from "./chat.js";
export type { ChatQueueEntry, ChatWithId } from "./chat-queue.js";
export type { ChatResult } from "./chat-result.js";
export type { CodeExecutionConfig } from "./code-execution-config.js";
export type {
  AgentEligibilityPolicy,
  ClearHistoryCommand,
  GroupChatOptions,
  SelectionContext,
  SpeakerSelectionFunction,
  SpeakerSelectionMethod,
  SpeakerSelectionMethodName,
} from "./group-chat-options.js";
export type { FunctionReturn, HookableMethod, Hooks } from "./hooks.js";
export type { FilterFunction, LlmConfig, ModelConfig } from "./llm-config.js";
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
} from "./message.js";
export type { ModelCallOptions, ModelClient } from "./model-client.js";
export type { DestinationOptions } from "./openai-destination.js";
export type { OpenAIShapedClient } from "./openai-shaped-client.js";
export type { TokenPrice } from "./prices.js";
export type { RegisterReplyOptions, ReplyFunction, ReplyResult, ReplyTrigger } from "./reply-chain.js";
export type { CallContext, ContextOption } from "./scope.js";
export type { SpeakerTransitions } from "./speaker-transitions.js";
export type { StandardIssue, StandardOutput, StandardResult, StandardSchema } from "./standard-schema.js";
export type { SummaryFunction, SummaryMethod } from "./summary.js";
export type { ArgumentsOf, JsonSchema, ToJsonSchema, ToolParameters } from "./tool-parameters.js";
