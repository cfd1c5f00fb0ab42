/** Agents and models for the scenarios, independent of test runner and host. */

import {
  ConversableAgent,
  type ConversableAgentOptions,
  type JsonSchema,
  type LlmConfig,
  type ModelConfig,
} from "mlflow-ag2/agents";

/** The server of the scripted model. */
export interface ModelServer {
  /** The base URL of its API. */
  baseUrl: string;
}

/** A parity scenario: a Python program in TypeScript, which returns the same results by label. */
export type Scenario = (server: ModelServer) => Promise<Record<string, unknown>>;

/** One model of a `configList`, as in the Python programs: by default without retries. */
export function configEntry({ baseUrl }: ModelServer, model = "gpt-4o-mini", extra: ModelConfig = {}): ModelConfig {
  return { model, apiKey: "test-key", baseUrl, maxRetries: 0, ...extra };
}

/** An `llmConfig` with that one model. */
export function llmConfig(server: ModelServer, model?: string, extra?: ModelConfig): LlmConfig {
  return { configList: [configEntry(server, model, extra)] };
}

/** An agent with a model that asks no person. */
export function agentWithModel(
  server: ModelServer,
  name: string,
  systemMessage?: string,
  options: Partial<ConversableAgentOptions> = {},
): ConversableAgent {
  return new ConversableAgent({
    name,
    systemMessage,
    llmConfig: llmConfig(server),
    humanInputMode: "NEVER",
    ...options,
  });
}

/** An agent without a model that asks no person. */
export function agentWithoutModel(name: string, options: Partial<ConversableAgentOptions> = {}): ConversableAgent {
  return new ConversableAgent({ name, llmConfig: false, humanInputMode: "NEVER", ...options });
}

/** Whether a message contains "TERMINATE". */
export const isTerminateMessage: NonNullable<ConversableAgentOptions["isTerminationMsg"]> = (message) =>
  (message.content ?? "").includes("TERMINATE");

/** The option with which a message that contains "TERMINATE" ends a chat. */
export const UNTIL_TERMINATE: Partial<ConversableAgentOptions> = { isTerminationMsg: isTerminateMessage };

/** The JSON Schema of an object. */
export function objectSchema(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: "object", properties, required };
}

/** The JSON Schema of a whole number. */
export function integerSchema(description: string): JsonSchema {
  return { type: "integer", description };
}

/** The JSON Schema of a text. */
export function textSchema(description: string): JsonSchema {
  return { type: "string", description };
}
