/**
 * `mlflow-ag2/agents/group`: group chats by patterns, with handoffs and context variables
 * (AG2: agentchat/group).
 *
 * @module mlflow-ag2/agents/group
 */

export {
  type AvailableCondition,
  type ContextCondition,
  ContextStrLLMCondition,
  ExpressionAvailableCondition,
  ExpressionContextCondition,
  type LLMCondition,
  StringAvailableCondition,
  StringContextCondition,
  StringLLMCondition,
} from "./conditions.js";
export { ContextExpression } from "./context-expression.js";
export { ContextStr } from "./context-str.js";
export { ContextVariables, type VariablesInput } from "./context-variables.js";
export {
  FunctionTarget,
  type FunctionTargetMessage,
  type FunctionTargetResult,
  type TargetFunction,
} from "./function-target.js";
export {
  Handoffs,
  handoffsOf,
  OnCondition,
  type OnConditionOptions,
  OnContextCondition,
  type OnContextConditionOptions,
} from "./handoffs.js";
export { type GroupChatOutcome, initiateGroupChat, type InitiateGroupChatOptions } from "./initiate-group-chat.js";
export {
  GroupChatTarget,
  type GroupChatTargetOptions,
  NestedChatTarget,
  type NestedChatTargetOptions,
} from "./nested-targets.js";
export {
  AutoPattern,
  DefaultPattern,
  type GroupManagerOptions,
  ManualPattern,
  Pattern,
  type PatternOptions,
  RandomPattern,
  RoundRobinPattern,
} from "./patterns.js";
export { ReplyResult, type ReplyResultOptions } from "./reply-result.js";
export {
  AgentNameTarget,
  AgentTarget,
  AskUserTarget,
  type GroupManagerSelectionMessage,
  GroupManagerSelectionMessageContextStr,
  GroupManagerSelectionMessageString,
  GroupManagerTarget,
  type NextSpeaker,
  RandomAgentTarget,
  RevertToUserTarget,
  StayTarget,
  TerminateTarget,
  TransitionTarget,
} from "./targets.js";
