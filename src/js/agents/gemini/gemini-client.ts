/** The client for Google's models (AG2: oai/gemini.py, `GeminiClient`). */

import { brokenStream, chunkOf } from "../model-packages/answer.js";
import { callModel, withRetries } from "../model-packages/package-errors.js";
import { checkPackageOptions, notInstalled, onceMade, type PackageOptions } from "../model-packages/package-options.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelCallOptions, ModelClient } from "../models/model-client.js";
import { isFields } from "../util/fields.js";
import { geminiCost } from "./gemini-prices.js";
import { geminiRequest } from "./gemini-request.js";
import { answered, ResponseStream } from "./gemini-response.js";

/** A client like that of the npm package `@google/genai` (`new GoogleGenAI()`), for the Gemini API or Vertex AI. */
export interface GeminiShapedClient {
  /** The models of the client. */
  readonly models: {
    /** Calls the model. */
    generateContent(request: never): unknown;
    /** Calls the model, which streams its response. */
    generateContentStream(request: never): unknown;
  };
}

/** Options of `GeminiClient`: a client, or how one for the Gemini API is made. */
export interface GeminiClientOptions extends PackageOptions {
  /** A client of the package, with its key or its project; not given: one is made of the other options. */
  client?: GeminiShapedClient | undefined;
}

type Send = (request: object) => Promise<unknown>;

const FACTS = {
  name: "@google/genai",
  client: "GeminiClient",
  keyVariables: ["GOOGLE_GEMINI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
  call: "models.generateContent",
};

/**
 * The client of Google's Gemini API, through the package `@google/genai`, which the program installs. For Vertex AI
 * give the package's client: `new GoogleGenAI({ vertexai: true, project, location })`.
 *
 * @example
 * const client = new GeminiClient({ apiKey: "…" });
 * const agent = new AssistantAgent({ name: "agent", llmConfig: { model: "gemini-2.5-flash", client } });
 */
export class GeminiClient implements ModelClient {
  /** The API, for observers. */
  readonly apiType = "google";
  readonly #options: GeminiClientOptions;
  readonly #client: () => Promise<GeminiShapedClient>;

  /** @throws AgentError if there is neither a key nor a client, or for an unknown option */
  constructor(options: GeminiClientOptions = {}) {
    const isClient = (client: object): boolean =>
      typeof (client as Partial<GeminiShapedClient>).models?.generateContent === "function";
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
    const { apiKey, maxRetries, timeoutMs: timeout, fetch } = this.#options;
    const { config, ...body } = await geminiRequest(request, { fetch, signal });
    const limits = {
      ...(signal && { abortSignal: signal }),
      ...(timeout !== undefined && { httpOptions: { timeout } }),
    };
    const { models } = await this.#client();
    const send = (method: unknown): Promise<unknown> =>
      withRetries({ maxRetries, signal }, () =>
        (method as Send).call(models, { ...body, config: { ...(config as object), ...limits } }),
      );
    return callModel({ signal, apiKey }, async () => {
      if (!request.stream) return answered(await send(models.generateContent), request);
      const stream = new ResponseStream();
      for await (const piece of (await send(models.generateContentStream)) as AsyncIterable<unknown>) {
        const delta = isFields(piece) ? stream.add(piece) : undefined;
        if (delta) await onChunk?.(chunkOf(request.model ?? "", delta));
      }
      if (!stream.isComplete) throw brokenStream();
      return answered(stream.response, request);
    });
  }

  /** Returns the cost by AG2's prices; `undefined` for other models. */
  cost(response: ModelResponse): number | undefined {
    return geminiCost(response);
  }
}

async function makeClient({ apiKey, baseUrl, headers, fetch }: GeminiClientOptions): Promise<GeminiShapedClient> {
  const given = Object.entries({ baseUrl, headers, fetch }).filter(([, value]) => value !== undefined);
  let library: { GoogleGenAI: new (options: object) => GeminiShapedClient };
  try {
    // By a name that the compiler does not look up: the build reads no types of the package.
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
    library = (await import("@google/genai" as string)) as typeof library;
  } catch (cause) {
    throw notInstalled(FACTS.name, cause);
  }
  return new library.GoogleGenAI({ apiKey, httpOptions: Object.fromEntries(given) });
}
