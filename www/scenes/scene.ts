/** What an example conversation is, and what several of them share. */

import { ConversableAgent, type ConversableAgentOptions, type LlmConfig, type ModelConfig } from "mlflow-ag2/agents";
import type { ScriptStep } from "mlflow-ag2/agents/testing";

/** An example conversation. */
export interface Scene {
  /** For addresses and tests. */
  readonly id: string;
  readonly title: string;
  /** What there is to see in its trace, in one sentence. */
  readonly about: string;
  /** The responses of the scripted model. */
  readonly script: readonly ScriptStep[];
  /** Runs the conversation with the models of `llmConfig`; returns its last message. */
  hold(llmConfig: LlmConfig): Promise<string>;
}

/** An agent with a model and without human input. */
export function thinker(
  name: string,
  systemMessage: string,
  llmConfig: LlmConfig,
  options: Partial<ConversableAgentOptions> = {},
): ConversableAgent {
  return new ConversableAgent({ name, systemMessage, llmConfig, humanInputMode: "NEVER", ...options });
}

/** An agent without a model and without human input that stops at "TERMINATE". */
export function speaker(name: string, options: Partial<ConversableAgentOptions> = {}): ConversableAgent {
  const isTerminationMsg: ConversableAgentOptions["isTerminationMsg"] = ({ content }) =>
    (content ?? "").includes("TERMINATE");
  return new ConversableAgent({ name, llmConfig: false, humanInputMode: "NEVER", isTerminationMsg, ...options });
}

/** The same models, whose answers are to come in pieces. */
export function streamed(llmConfig: LlmConfig): LlmConfig {
  return {
    ...llmConfig,
    configList: llmConfig.configList?.map((config): ModelConfig => ({ ...config, stream: true })),
  };
}

/** The last words of a chat. */
export function lastWords({ summary }: { readonly summary: unknown }): string {
  return typeof summary === "string" ? summary : JSON.stringify(summary);
}
