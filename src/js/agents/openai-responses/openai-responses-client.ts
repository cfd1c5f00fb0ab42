/** The client for OpenAI's Responses API (AG2: oai/openai_responses.py, `OpenAIResponsesClient`). */

import { brokenStream, chunkOf } from "../model-packages/answer.js";
import { callModel } from "../model-packages/package-errors.js";
import { checkPackageOptions, notInstalled, onceMade, type PackageOptions } from "../model-packages/package-options.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelCallOptions, ModelClient } from "../models/model-client.js";
import { APIError } from "../util/errors.js";
import { isFields } from "../util/fields.js";
import { answered } from "./responses-answer.js";
import { responsesRequest } from "./responses-request.js";

/** A client like those of the npm package `openai` (`new OpenAI()`, `new AzureOpenAI()`), with `responses.create`. */
export interface ResponsesShapedClient {
  /** The Responses API of the client. */
  readonly responses: {
    /** Calls the model. */
    create(request: never, options?: never): unknown;
  };
}

/** Options of `OpenAIResponsesClient`: a client, or how one is made. */
export interface OpenAIResponsesClientOptions extends PackageOptions {
  /** A client of the package, with its key; not given: one is made of the other options. */
  client?: ResponsesShapedClient | undefined;
}

type Create = (
  request: object,
  options: { signal?: AbortSignal; maxRetries?: number; timeout?: number },
) => PromiseLike<unknown>;

const FACTS = {
  name: "openai",
  client: "OpenAIResponsesClient",
  keyVariables: ["OPENAI_API_KEY"],
  call: "responses.create",
};

/**
 * The client of OpenAI's Responses API, through the package `openai`, which the program installs. Each request has the
 * whole conversation, as with every other model; AG2's client has the server remember it (`previous_response_id`).
 *
 * @example
 * const client = new OpenAIResponsesClient({ apiKey: "sk-…" });
 * const llmConfig = { model: "gpt-5", client, reasoning_effort: "low", built_in_tools: ["web_search"] };
 * const agent = new AssistantAgent({ name: "agent", llmConfig });
 */
export class OpenAIResponsesClient implements ModelClient {
  /** The API, for observers. */
  readonly apiType = "responses";
  readonly #options: OpenAIResponsesClientOptions;
  readonly #client: () => Promise<ResponsesShapedClient>;

  /** @throws AgentError if there is neither a key nor a client, or for an unknown option */
  constructor(options: OpenAIResponsesClientOptions = {}) {
    const isClient = (client: object): boolean =>
      typeof (client as Partial<ResponsesShapedClient>).responses?.create === "function";
    const checked = checkPackageOptions(options, FACTS, isClient);
    this.#options = checked;
    this.#client = onceMade(checked.client, () => makeClient(checked));
  }

  /**
   * Translates one request, sends it, and translates its response.
   *
   * @throws APIError if the server rejects it or cannot be reached, AgentError for a content or a tool that cannot be
   *   translated, or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal, onChunk }: ModelCallOptions = {}): Promise<ModelResponse> {
    const { apiKey, maxRetries, timeoutMs: timeout } = this.#options;
    const body = responsesRequest(request);
    const { responses } = await this.#client();
    const options = Object.entries({ signal, maxRetries, timeout }).filter(([, value]) => value !== undefined);
    return callModel({ signal, apiKey }, async () => {
      const response = await (responses.create as unknown as Create).call(responses, body, Object.fromEntries(options));
      if (!isStream(response)) return answered(response, request);
      let complete: unknown;
      for await (const event of response) {
        const { type, delta, response: ended, message, code } = isFields(event) ? event : {};
        if (type === "error") throw APIError.fromAnswer(undefined, { message: String(message), code: code as string });
        if (typeof type === "string" && ENDS.has(type)) complete = ended;
        if (typeof delta !== "string") continue;
        const model = request.model ?? "";
        if (type === "response.output_text.delta") await onChunk?.(chunkOf(model, { content: delta }));
        else if (type === "response.reasoning_summary_text.delta")
          await onChunk?.(chunkOf(model, { reasoning_content: delta }));
      }
      if (complete === undefined) throw brokenStream();
      return answered(complete, request);
    });
  }
}

/** The events with the whole response. */
const ENDS = new Set(["response.completed", "response.incomplete", "response.failed"]);

function isStream(response: unknown): response is AsyncIterable<unknown> {
  return typeof response === "object" && response !== null && Symbol.asyncIterator in response;
}

async function makeClient(options: OpenAIResponsesClientOptions): Promise<ResponsesShapedClient> {
  const { apiKey, baseUrl: baseURL, headers: defaultHeaders, fetch } = options;
  const given = Object.entries({ apiKey, baseURL, defaultHeaders, fetch }).filter(([, value]) => value !== undefined);
  let library: { default: new (options: object) => ResponsesShapedClient };
  try {
    // By a name that the compiler does not look up: the build reads no types of the package.
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
    library = (await import("openai" as string)) as typeof library;
  } catch (cause) {
    throw notInstalled(FACTS.name, cause);
  }
  return new library.default({ dangerouslyAllowBrowser: true, ...Object.fromEntries(given) });
}
