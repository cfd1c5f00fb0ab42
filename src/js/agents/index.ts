/** `mlflow-ag2/agents`: AG2 Classic for JavaScript. It knows no tracer; tracers attach through `observe`. */

export type { Agent, DeliveryOptions, GenerateReplyOptions } from "./agent.js";
export type { ConversableAgentOptions, HumanInputMode, TerminationFunction } from "./agent-options.js";
export { AssistantAgent } from "./assistant-agent.js";
export type { Carryover } from "./carryover.js";
export type { InitiateChatOptions, MessageFunction } from "./chat.js";
export type { ChatResult } from "./chat-result.js";
export { ConversableAgent, type DefaultReplyFunctions } from "./conversable-agent.js";
export { AgentError, type AgentErrorCode, APIConnectionError, APIError, type APIErrorBody, APITimeoutError } from "./errors.js";
export type { FunctionReturn, HookableMethod, Hooks } from "./hooks.js";
export type { HumanInputFunction } from "./human-input.js";
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
export { contentText } from "./message.js";
export type { ModelCallOptions, ModelClient } from "./model-client.js";
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
export { OpenAIClient, type OpenAIClientOptions } from "./openai-client.js";
export { type CreateOptions, OpenAIWrapper } from "./openai-wrapper.js";
export type { TokenPrice } from "./prices.js";
export { type Printer, setPrinter } from "./printer.js";
export type { RegisterReplyOptions, ReplyFunction, ReplyResult, ReplyTrigger } from "./reply-chain.js";
export type { CallContext, ContextOption } from "./scope.js";
export type { SummaryFunction, SummaryMethod } from "./summary.js";
export { Tool, type ToolFunction, type ToolOptions } from "./tool.js";
export type { JsonSchema, ToolParameters } from "./tool-parameters.js";
export {
  registerFunction,
  type RegisterForExecutionOptions,
  type RegisterForLlmOptions,
  type RegisterFunctionOptions,
} from "./tool-registration.js";
export { type ChatCost, gatherUsageSummary, type ModelUsage, type ModelUsageTotal, type UsageCounter, type UsageSummary } from "./usage.js";
export { UserProxyAgent } from "./user-proxy-agent.js";
