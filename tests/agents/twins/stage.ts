/** What the twins of the Python programs share. Nothing here knows a test runner or a host. */

import { ConversableAgent, type ConversableAgentOptions, type JsonSchema, type LlmConfig, type ModelConfig } from "mlflow-ag2/agents";

/** Where a twin plays. */
export interface Stage {
  /** Where the scripted model's API begins. */
  baseUrl: string;
}

/** A Python program's twin: gives what that program gives, by label. */
export type Twin = (stage: Stage) => Promise<Record<string, unknown>>;

/** One model of a `configList`, as the Python programs have it: without retries unless asked for. */
export function configEntry({ baseUrl }: Stage, model = "gpt-4o-mini", extra: ModelConfig = {}): ModelConfig {
  return { model, apiKey: "test-key", baseUrl, maxRetries: 0, ...extra };
}

/** An `llmConfig` with that one model. */
export function llmConfig(stage: Stage, model?: string, extra?: ModelConfig): LlmConfig {
  return { configList: [configEntry(stage, model, extra)] };
}

/** An agent with a model, who asks nobody. */
export function thinker(stage: Stage, name: string, systemMessage?: string, options: Partial<ConversableAgentOptions> = {}): ConversableAgent {
  return new ConversableAgent({ name, systemMessage, llmConfig: llmConfig(stage), humanInputMode: "NEVER", ...options });
}

/** An agent without a model, who asks nobody. */
export function speaker(name: string, options: Partial<ConversableAgentOptions> = {}): ConversableAgent {
  return new ConversableAgent({ name, llmConfig: false, humanInputMode: "NEVER", ...options });
}

/** Whether a message says so. */
export const saysTerminate: NonNullable<ConversableAgentOptions["isTerminationMsg"]> = (message) => (message.content ?? "").includes("TERMINATE");

/** Ends its chats when it is told to. */
export const UNTIL_TERMINATE: Partial<ConversableAgentOptions> = { isTerminationMsg: saysTerminate };

/** The JSON Schema of an object. */
export function object(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: "object", properties, required };
}

/** The JSON Schema of a whole number. */
export function integer(description: string): JsonSchema {
  return { type: "integer", description };
}

/** The JSON Schema of a text. */
export function text(description: string): JsonSchema {
  return { type: "string", description };
}
