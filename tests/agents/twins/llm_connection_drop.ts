/** The model's server ends the connection without an answer. */

import type { ModelConfig } from "mlflow-ag2/agents";
import { llmConfig, speaker, type Stage, thinker, type Twin } from "./stage.js";

/** One question to a model that has trouble. */
export async function hello(stage: Stage, extra: ModelConfig = {}, message = "Hello?") {
  const assistant = thinker(stage, "assistant", undefined, { llmConfig: llmConfig(stage, undefined, extra) });
  const user = speaker("user");
  return { chat: await user.initiateChat(assistant, { message, maxTurns: 1 }) };
}

export const twin: Twin = (stage) => hello(stage);
