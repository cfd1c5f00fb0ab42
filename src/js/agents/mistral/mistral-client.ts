/** The client for Mistral's models (AG2: oai/mistral.py, `MistralAIClient`). */

import { brokenStream, chunkOf } from "../model-packages/answer.js";
import { callModel, withRetries } from "../model-packages/package-errors.js";
import { checkPackageOptions, notInstalled, onceMade, type PackageOptions } from "../model-packages/package-options.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelCallOptions, ModelClient } from "../models/model-client.js";
import { costAt } from "../models/usage.js";
import { isFields } from "../util/fields.js";
import { mistralRequest } from "./mistral-request.js";
import { answered, ResponseStream } from "./mistral-response.js";

/** A client like that of the npm package `@mistralai/mistralai` (`new Mistral()`). */
export interface MistralShapedClient {
  /** The chat API of the client. */
  readonly chat: {
    /** Calls the model. */
    complete(request: never, options?: never): unknown;
    /** Calls the model, which streams its response. */
    stream(request: never, options?: never): unknown;
  };
}

/** Options of `MistralAIClient`: a client, or how one is made. */
export interface MistralAIClientOptions extends PackageOptions {
  /** A client of the package, with its key; not given: one is made of the other options. */
  client?: MistralShapedClient | undefined;
}

type Send = (request: object, options: object) => Promise<unknown>;

const FACTS = {
  name: "@mistralai/mistralai",
  client: "MistralAIClient",
  keyVariables: ["MISTRAL_API_KEY"],
  call: "chat.complete",
};

/** The prices of AG2 (oai/mistral.py, `calculate_mistral_cost`), in US dollars per 1000 tokens. */
const PRICES: Readonly<Record<string, readonly [prompt: number, completion: number]>> = {
  "open-mistral-7b": [0.00025, 0.00025],
  "open-mixtral-8x7b": [0.0007, 0.0007],
  "open-mixtral-8x22b": [0.002, 0.006],
  "mistral-small-latest": [0.001, 0.003],
  "mistral-medium-latest": [0.00275, 0.0081],
  "mistral-large-latest": [0.0003, 0.0003],
  "mistral-large-2407": [0.0003, 0.0003],
  "open-mistral-nemo-2407": [0.0003, 0.0003],
  "codestral-2405": [0.001, 0.003],
};

/**
 * The client of Mistral's API, through the package `@mistralai/mistralai`, which the program installs.
 *
 * @example
 * const client = new MistralAIClient({ apiKey: "…" });
 * const agent = new AssistantAgent({ name: "agent", llmConfig: { model: "mistral-large-latest", client } });
 */
export class MistralAIClient implements ModelClient {
  /** The API, for observers. */
  readonly apiType = "mistral";
  readonly #options: MistralAIClientOptions;
  readonly #client: () => Promise<MistralShapedClient>;

  /** @throws AgentError if there is neither a key nor a client, or for an unknown option */
  constructor(options: MistralAIClientOptions = {}) {
    const isClient = (client: object): boolean =>
      typeof (client as Partial<MistralShapedClient>).chat?.complete === "function";
    const checked = checkPackageOptions(options, FACTS, isClient);
    this.#options = checked;
    this.#client = onceMade(checked.client, () => makeClient(checked));
  }

  /**
   * Translates one request, sends it, and translates its response.
   *
   * @throws APIError if the server rejects it or cannot be reached, AgentError for a content that cannot be translated,
   *   or the reason of `signal`
   */
  async create(request: Readonly<ModelRequest>, { signal, onChunk }: ModelCallOptions = {}): Promise<ModelResponse> {
    const { apiKey, maxRetries, timeoutMs } = this.#options;
    const body = mistralRequest(request);
    const { chat } = await this.#client();
    // A signal takes precedence over `timeoutMs` in the package.
    const until = (): object => {
      const limits = [signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)];
      const given = limits.filter((limit) => limit !== undefined);
      return given.length === 0 ? {} : { signal: AbortSignal.any(given) };
    };
    const send = (method: unknown): Promise<unknown> =>
      withRetries({ maxRetries, signal }, () =>
        (method as Send).call(chat, body, { retries: { strategy: "none" }, ...until() }),
      );
    return callModel({ signal, apiKey }, async () => {
      if (!request.stream) return answered(await send(chat.complete), request);
      const stream = new ResponseStream();
      for await (const event of (await send(chat.stream)) as AsyncIterable<unknown>) {
        const data = isFields(event) ? event["data"] : undefined;
        const delta = isFields(data) ? stream.add(data) : undefined;
        if (delta) await onChunk?.(chunkOf(request.model ?? "", delta));
      }
      if (!stream.isComplete) throw brokenStream();
      return answered(stream.response, request);
    });
  }

  /** Returns the cost by AG2's prices; `undefined` for other models. */
  cost(response: ModelResponse): number | undefined {
    const price = PRICES[response.model];
    return price && costAt(price, response);
  }
}

/** What is used of the package. */
interface MistralPackage {
  Mistral: new (options: object) => MistralShapedClient;
  HTTPClient: new (options?: {
    fetcher: typeof fetch;
  }) => {
    addHook(hook: "beforeRequest", fn: (request: Request) => void): unknown;
  };
}

async function makeClient({ apiKey, baseUrl, headers, fetch }: MistralAIClientOptions): Promise<MistralShapedClient> {
  let library: MistralPackage;
  try {
    // By a name that the compiler does not look up: the types of the package do not fit the newest of the DOM.
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
    library = (await import("@mistralai/mistralai" as string)) as MistralPackage;
  } catch (cause) {
    throw notInstalled(FACTS.name, cause);
  }
  const { HTTPClient, Mistral } = library;
  const httpClient = new HTTPClient(fetch && { fetcher: fetch });
  httpClient.addHook("beforeRequest", (request) => {
    for (const [name, value] of Object.entries(headers ?? {})) request.headers.set(name, value);
  });
  return new Mistral({
    ...(apiKey !== undefined && { apiKey }),
    ...(baseUrl !== undefined && { serverURL: baseUrl }),
    httpClient,
  });
}
