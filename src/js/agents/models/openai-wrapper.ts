/** A client for several models, with fallback, cost and usage (AG2: oai/client.py, `OpenAIWrapper`). */

import { type Cache, chatCache, cacheForSeed } from "./cache.js";
import { AgentError, APIError, invalidOption, invalidResponse } from "../util/errors.js";
import { type LlmConfig, modelEntries, type ModelEntry } from "./llm-config.js";
import { type ChatMessage, contentText, type ModelRequest, type ModelResponse } from "../message/message.js";
import type { ModelClient } from "./model-client.js";
import { type Named, notify, OBSERVERS_SYMBOL } from "../observe/observer.js";
import { OpenAIClient } from "./openai-client.js";
import { isOpenAIShaped, openAIShaped } from "./openai-shaped-client.js";
import { parseContent, type ParsedContent, responseFormat } from "./response-format.js";
import { warn } from "../util/warn.js";
import { OpenScope, raceAbort, runOperation } from "../observe/scope.js";
import type { ContextOption } from "../types.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { emitEvent } from "../observe/emit-event.js";
import { instantiate } from "../message/template.js";
import { addUsage, costAt, listCost, type UsageCounter, type UsageSummary, usageOf } from "./usage.js";

/** Options of `OpenAIWrapper.create`. */
export interface CreateOptions {
  /** The agent that makes the call. */
  agent?: Named | undefined;
  /** The values for templates in the messages (AG2's `context`). */
  variables?: Record<string, unknown> | undefined;
  /** The cache for responses; not given: the chat's. The configuration's own takes precedence. */
  cache?: Cache | undefined;
  /** The seed of a cache in memory, shared by all calls with this seed. */
  cacheSeed?: number | string | null | undefined;
  /** The context of the call: pass on the one that your callback received. */
  context?: ContextOption | undefined;
}

const CREATE_OPTIONS: OptionRules<CreateOptions> = {
  agent: "any",
  variables: "object",
  cache: "any",
  cacheSeed: "any",
  context: "parent",
};

interface Model extends ModelEntry {
  client: ModelClient;
}

/**
 * Calls the models of a configuration, one after the other until one responds.
 *
 * @example
 * const local = { model: "llama3.2", baseUrl: "http://localhost:11434/v1" };
 * const models = new OpenAIWrapper({ configList: [{ model: "gpt-4o-mini" }, local] });
 * const response = await models.create({ messages: [{ role: "user", content: "Say hello." }] });
 * console.log(models.extractTextOrCompletionObject(response)[0], response.cost, models.totalUsageSummary);
 */
export class OpenAIWrapper {
  readonly #models: readonly Model[];
  readonly #isRoundRobin: boolean;
  #calls = 0;
  readonly #clientByResponse = new WeakMap<ModelResponse, ModelClient>();
  readonly #parsed = new WeakMap<ModelResponse, Awaited<ReturnType<typeof parseContent>> & object>();

  /** @throws AgentError if the configuration is invalid */
  constructor(config: LlmConfig) {
    this.#models = modelEntries(config).map((entry) => ({ ...entry, client: clientFor(entry) }));
    this.#isRoundRobin = config.routingMethod === "round_robin";
  }

  /** Marks the wrapper as reporting its own calls, so that no instrumentation reports them again. @internal */
  get [OBSERVERS_SYMBOL](): true {
    return true;
  }

  /** The usage of all responses, including those from a cache; `undefined` before the first. */
  totalUsageSummary: UsageSummary | undefined;
  /** The usage of responses that did not come from a cache; `undefined` before the first. */
  actualUsageSummary: UsageSummary | undefined;

  /** Resets the usage. */
  clearUsageSummary(): void {
    this.totalUsageSummary = this.actualUsageSummary = undefined;
  }

  /** Continues with the usage of another counter. */
  continueUsage({ totalUsageSummary, actualUsageSummary }: UsageCounter): void {
    Object.assign(this, { totalUsageSummary, actualUsageSummary });
  }

  /**
   * Makes a completion with the first model that responds. After an `APIError` the next model is
   * tried; the error of the last one, any other error, and a rejection by a content filter are
   * thrown. The response gets its `cost` in US dollars.
   *
   * The parameters of the configuration replace those of `request`; tools are concatenated, the
   * request's first (AG2: oai/client_utils.py, `merge_config_with_tools`).
   */
  async create(request: ModelRequest, options: CreateOptions = {}): Promise<ModelResponse> {
    checkOptions("OpenAIWrapper.create", options, CREATE_OPTIONS);
    if (!Array.isArray(request?.messages))
      throw invalidOption(
        "messages",
        'a list of messages: `create({ messages: [{ role: "user", content: "Hello" }] })`',
      );
    const order = this.#order();
    for (const [position, configIndex] of order.entries()) {
      const model = this.#models[configIndex] as Model;
      const isLast = position === order.length - 1;
      try {
        const response = await this.#ask(model, configIndex, requestFor(model, request, options.variables), options);
        const { filterFunc } = model.settings;
        if (isLast || filterFunc === undefined || (await filterFunc({ context: options.variables, response })))
          return response;
      } catch (error) {
        if (isLast || !(error instanceof APIError) || error.code === "content_filter") throw error;
      }
    }
    throw new AgentError("invalid_config", "`configList` is empty: give a model");
  }

  /**
   * The content of each choice of a response: its text, or the message if it has tool calls
   * (AG2: `extract_text_or_completion_object`, `OpenAIClient.message_retrieval`).
   */
  extractTextOrCompletionObject(response: ModelResponse): (string | ChatMessage)[] {
    const client = this.#clientByResponse.get(response);
    if (client?.messageRetrieval) return client.messageRetrieval(response);
    const { text } = this.#parsed.get(response) ?? {};
    return response.choices.map(({ message }, index) =>
      message.function_call != null || message.tool_calls != null
        ? message
        : ((index === 0 ? text : undefined) ?? contentText(message.content)),
    );
  }

  /** The value in a response to a request with `responseFormat`, or why there is none. */
  parsedContent(response: ModelResponse): ParsedContent | undefined {
    return this.#parsed.get(response);
  }

  /** Makes one attempt with one model. */
  #ask(model: Model, configIndex: number, request: ModelRequest, options: CreateOptions): Promise<ModelResponse> {
    const { agent, context } = options;
    context?.signal?.throwIfAborted();
    const { client } = model;
    const prepared = client.prepare?.(request) ?? request;
    const { apiType = client.apiType, baseUrl } = model.settings;
    const api = { type: apiType, baseUrl };
    const scope = new OpenScope("modelCall", context?.scope, { agent, request: prepared, configIndex, api });
    return runOperation(scope, async () => {
      const cache = cacheFor(model, options);
      // Without API keys and addresses.
      const key = cache && JSON.stringify(request);
      const cached = key && (await cache.get(key));
      const response = cached
        ? (JSON.parse(cached) as ModelResponse)
        : ((await this.#make(client, prepared, scope, context)) ?? ({} as ModelResponse));
      const costUsd = (response.cost = (cached ? response.cost : undefined) ?? this.#cost(model, response));
      const usage = client.getUsage?.(response) ?? usageOf(response);
      this.totalUsageSummary = addUsage(this.totalUsageSummary, usage);
      if (!cached) this.actualUsageSummary = addUsage(this.actualUsageSummary, usage);
      const message = response.choices?.[0]?.message;
      if (!message && !client.messageRetrieval) throw invalidResponse("answer holds no message");
      if (key && !cached) await cache.set(key, JSON.stringify(response));
      this.#clientByResponse.set(response, client);
      const content = await parseContent(request["response_format"], message);
      if (content) this.#parsed.set(response, content);
      if (content?.error) warn(content.error.message);
      return { response, costUsd, isCached: Boolean(cached) };
    }).then(({ response }) => response);
  }

  #make(
    client: ModelClient,
    request: ModelRequest,
    scope: OpenScope<"modelCall">,
    context: ContextOption | undefined,
  ): Promise<ModelResponse> {
    const onChunk = async (chunk: unknown): Promise<void> => {
      notify((observer) => observer.chunk?.(scope, chunk));
      const content = chunkText(chunk);
      if (content !== "") await emitEvent({ type: "stream", content }, scope, context?.silent);
    };
    return raceAbort(() => client.create(request, { signal: context?.signal, onChunk }), {
      scope,
      signal: context?.signal,
    });
  }

  #cost({ settings: { price }, client }: Model, response: ModelResponse): number {
    if (price !== undefined) return costAt(typeof price === "number" ? [price, price] : price, response);
    const cost = client.cost ? client.cost(response) : listCost(response);
    // Once in a process, not by each wrapper.
    if (cost === undefined)
      warn(
        `model \`${response.model}\` has no known price and counts as free: ` +
          "give `price: [promptPer1K, completionPer1K]`",
      );
    return cost ?? 0;
  }

  #order(): number[] {
    const first = this.#isRoundRobin ? this.#calls++ : 0;
    return this.#models.map((_, index) => (first + index) % this.#models.length);
  }
}

/**
 * The clients of entries of their own, such as `AnthropicClient`, by AG2's names of their APIs, each with its entry if
 * that has another name.
 */
const CLIENTS: Readonly<Record<string, readonly [name: string, entry?: string]>> = {
  anthropic: ["Anthropic"],
  azure: ["AzureOpenAI"],
  google: ["Gemini", "gemini"],
  mistral: ["MistralAI"],
  ollama: ["Ollama"],
  responses: ["OpenAIResponses", "openai-responses"],
};

function clientFor({ settings }: ModelEntry): ModelClient {
  const { client, apiType } = settings;
  if (client !== undefined) return isOpenAIShaped(client) ? openAIShaped(client, settings) : client;
  if (apiType !== undefined && apiType !== "openai") {
    const [name, entry = apiType] = CLIENTS[apiType] ?? [];
    const fix = name ? `client: new ${name}Client({ … })\`, of \`mlflow-ag2/agents/${entry}` : "client";
    throw new AgentError("not_supported", `\`apiType: "${String(apiType)}"\` needs a client: give \`${fix}\``);
  }
  return new OpenAIClient(settings);
}

function cacheFor({ settings }: Model, options: CreateOptions): Cache | undefined {
  const { cache = options.cache, cacheSeed: seed = options.cacheSeed } = settings;
  return cache ?? chatCache(options.context?.scope) ?? (seed == null ? undefined : cacheForSeed(seed));
}

/** The text in a chunk. */
function chunkText(chunk: unknown): string {
  const { choices } = Object(chunk) as { choices?: unknown };
  if (!Array.isArray(choices)) return "";
  const texts = choices.map((choice: { delta?: { content?: unknown } | null } | null) => choice?.delta?.content);
  return texts.filter((text) => typeof text === "string").join("");
}

function requestFor(
  { parameters, settings }: Model,
  input: ModelRequest,
  variables: Record<string, unknown> | undefined,
): ModelRequest {
  const request: ModelRequest = { ...input, ...parameters, messages: input.messages };
  const { response_format: format } = request;
  if (format) {
    request["response_format"] = responseFormat(format);
    // As in AG2, structured outputs are not streamed.
    delete request.stream;
  }
  const tools = [...(input.tools ?? []), ...((parameters["tools"] as ModelRequest["tools"]) ?? [])];
  if (tools.length > 0 && !("functions" in request)) request.tools = tools;
  request.messages = input.messages.map((message) => {
    const content =
      message.content && instantiate(message.content, variables ?? {}, settings.allowFormatStrTemplate ?? false);
    // An unchanged message stays the same object, by which observers recognise what they have recorded.
    if (content === message.content && message.role !== undefined) return message;
    // As in AG2, a message without a role is the user's.
    return { ...message, ...(content !== undefined && { content }), role: message.role ?? "user" };
  });
  return request;
}
