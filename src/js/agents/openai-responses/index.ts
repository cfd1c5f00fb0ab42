/**
 * `mlflow-ag2/agents/openai-responses`: OpenAI's models by its Responses API, through its package `openai`.
 *
 * @module mlflow-ag2/agents/openai-responses
 */

export {
  OpenAIResponsesClient,
  type OpenAIResponsesClientOptions,
  type ResponsesShapedClient,
} from "./openai-responses-client.js";
export type { PackageOptions } from "../model-packages/package-options.js";
