/** The client for Anthropic's models (AG2: oai/anthropic.py, `AnthropicClient`). */

import type { ModelRequest, ModelResponse } from "../message/message.js";
import { isFields } from "../util/fields.js";
import type { ModelCallOptions, ModelClient } from "../models/model-client.js";
import { callModel } from "../model-packages/package-errors.js";
import { checkPackageOptions, notInstalled, onceMade, type PackageOptions } from "../model-packages/package-options.js";
import { answered, MessageStream, readMessage } from "./anthropic-response.js";
import { anthropicRequest } from "./anthropic-request.js";
import { anthropicCost } from "./anthropic-prices.js";

/**
 * A client like those of the npm packages `@anthropic-ai/sdk`, `@anthropic-ai/bedrock-sdk` and
 * `@anthropic-ai/vertex-sdk`.
 */
export interface AnthropicShapedClient {
  /** The messages API of the client. */
  readonly messages: {
    /** Calls the model. */
    create(request: never, options?: never): unknown;
  };
}

/** Options of `AnthropicClient`: a client, or how one is made. */
export interface AnthropicClientOptions extends PackageOptions {
  /** A client of the package, with its key; not given: one is made of the other options. */
  client?: AnthropicShapedClient | undefined;
}

type Create = (
  request: object,
  options: { signal?: AbortSignal; maxRetries?: number; timeout?: number },
) => PromiseLike<unknown>;

const FACTS = {
  name: "@anthropic-ai/sdk",
  client: "AnthropicClient",
  keyVariables: ["ANTHROPIC_API_KEY"],
  call: "messages.create",
};

/**
 * The client of Anthropic's API, through the package `@anthropic-ai/sdk`, which the program installs. It is a client,
 * not a setting as in AG2 (`api_type: "anthropic"`), so that only pages that use it load it.
 *
 * @example
 * const client = new AnthropicClient({ apiKey: "sk-ant-…" });
 * const agent = new AssistantAgent({ name: "agent", llmConfig: { model: "claude-sonnet-4-5", client } });
 */
export class AnthropicClient implements ModelClient {
  /** The API, for observers. */
  readonly apiType = "anthropic";
  readonly #options: AnthropicClientOptions;
  readonly #client: () => Promise<AnthropicShapedClient>;

  /** @throws AgentError if there is neither a key nor a client, or for an unknown option */
  constructor(options: AnthropicClientOptions = {}) {
    const isClient = (client: object): boolean =>
      typeof (client as Partial<AnthropicShapedClient>).messages?.create === "function";
    const checked = checkPackageOptions(options, FACTS, isClient);
    this.#options = checked;
    this.#client = onceMade(checked.client, () => makeClient(checked));
  }

  /** Returns the request with the number of tokens that Anthropic requires; AG2's default is 4096. */
  prepare(request: Readonly<ModelRequest>): ModelRequest {
    return request["max_tokens"] == null && request["max_completion_tokens"] == null
      ? { ...request, max_tokens: 4096 }
      : request;
  }

  /**
   * Translates one request, sends it, and translates its response.
   *
   * @throws APIError if the server rejects it or cannot be reached, AgentError for a content that cannot be translated,
   *   or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal, onChunk }: ModelCallOptions = {}): Promise<ModelResponse> {
    const { apiKey, maxRetries, timeoutMs: timeout } = this.#options;
    const { body, isJsonMode } = anthropicRequest(this.prepare(request));
    const { messages } = await this.#client();
    const options = Object.entries({ signal, maxRetries, timeout }).filter(([, value]) => value !== undefined);
    return callModel({ signal, apiKey }, async () => {
      const response = await (messages.create as unknown as Create).call(messages, body, Object.fromEntries(options));
      if (!isStream(response)) return answered(readMessage(response), request, isJsonMode);
      const stream = new MessageStream();
      for await (const event of response) {
        const chunk = isFields(event) ? stream.add(event) : undefined;
        if (chunk) await onChunk?.(chunk);
      }
      return answered(stream.finish(), request, isJsonMode);
    });
  }

  /** Returns the cost by Anthropic's list prices, with those of its cache; `undefined` for other models. */
  cost(response: ModelResponse): number | undefined {
    return anthropicCost(response);
  }
}

function isStream(response: unknown): response is AsyncIterable<unknown> {
  return typeof response === "object" && response !== null && Symbol.asyncIterator in response;
}

async function makeClient(options: AnthropicClientOptions): Promise<AnthropicShapedClient> {
  const { apiKey, baseUrl: baseURL, headers: defaultHeaders, fetch } = options;
  const given = Object.entries({ apiKey, baseURL, defaultHeaders, fetch }).filter(([, value]) => value !== undefined);
  let library: { default: new (options: object) => AnthropicShapedClient };
  try {
    // By a name that the compiler does not look up: the build reads no types of the package.
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
    library = (await import("@anthropic-ai/sdk" as string)) as typeof library;
  } catch (cause) {
    throw notInstalled(FACTS.name, cause);
  }
  return new library.default({ dangerouslyAllowBrowser: true, ...Object.fromEntries(given) });
}
