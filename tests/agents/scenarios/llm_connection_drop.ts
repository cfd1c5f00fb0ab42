/** The model's server closes the connection without a response. */

import type { ChatResult, ModelConfig } from "mlflow-ag2/agents";
import { llmConfig, agentWithoutModel, type ModelServer, agentWithModel, type Scenario } from "./fixtures.js";

/** One question to a model whose server fails. */
export async function hello(
  server: ModelServer,
  extra: ModelConfig = {},
  message = "Hello?",
): Promise<{ chat: ChatResult }> {
  const assistant = agentWithModel(server, "assistant", undefined, { llmConfig: llmConfig(server, undefined, extra) });
  const user = agentWithoutModel("user");
  return { chat: await user.initiateChat(assistant, { message, maxTurns: 1 }) };
}

export const scenario: Scenario = (server) => hello(server);
