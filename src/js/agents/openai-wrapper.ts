/** One or more models behind one door: fallback, cost and usage (AG2: oai/client.py, `OpenAIWrapper`). */

import { type Cache, cacheAround, cacheKey, cacheOfSeed } from "./cache.js";
import { AgentError, APIError } from "./errors.js";
import { type LlmConfig, modelEntries, type ModelEntry } from "./llm-config.js";
import { type ChatMessage, contentText, type ModelRequest, type ModelResponse } from "./message.js";
import type { ModelClient } from "./model-client.js";
import { type Named, notify, OBSERVERS_SYMBOL } from "./observer.js";
import { OpenAIClient } from "./openai-client.js";
import { isOpenAIShaped, openAIShaped } from "./openai-shaped-client.js";
import { warn } from "./warn.js";
import { type ContextOption, OpenScope, orAborted, within } from "./scope.js";
import { tell } from "./tell.js";
import { instantiate } from "./template.js";
import { addUsage, costAt, listCost, type UsageCounter, type UsageSummary, usageOf } from "./usage.js";

/** What comes with a request beside its body. */
export interface CreateOptions {
  /** The agent that asks. */
  agent?: Named | undefined;
  /** Values for templates in the messages (AG2's `context`). */
  variables?: Record<string, unknown> | undefined;
  /** Answers of before; not given: those of the chat that this is part of. The configuration's own wins. */
  cache?: Cache | undefined;
  /** The same with a cache in memory that all with this seed share. */
  cacheSeed?: number | string | null | undefined;
  /** Where this is called from. */
  context?: ContextOption | undefined;
}

interface Model extends ModelEntry {
  client: ModelClient;
}

/**
 * Asks the models of a configuration, one after the other until one answers.
 *
 * @example
 * const models = new OpenAIWrapper({ configList: [{ model: "gpt-4o-mini" }, { model: "llama3.2", baseUrl: "http://localhost:11434/v1" }] });
 * const response = await models.create({ messages: [{ role: "user", content: "Say hello." }] });
 * console.log(models.extractTextOrCompletionObject(response)[0], response.cost, models.totalUsageSummary);
 */
export class OpenAIWrapper {
  readonly #models: readonly Model[];
  readonly #isRoundRobin: boolean;
  #calls = 0;
  readonly #clientByResponse = new WeakMap<ModelResponse, ModelClient>();
  readonly #unpriced = new Set<string>();

  /** @throws AgentError when the configuration is not usable */
  constructor(config: LlmConfig) {
    this.#models = modelEntries(config).map((entry) => ({ ...entry, client: clientFor(entry) }));
    this.#isRoundRobin = config.routingMethod === "round_robin";
  }

  /** Says that it reports its calls by itself, so that nobody reports them for it. @internal */
  get [OBSERVERS_SYMBOL](): true {
    return true;
  }

  /** What all responses have used, those from a cache included; `undefined` before the first. */
  totalUsageSummary: UsageSummary | undefined;
  /** What was really asked of models; `undefined` before the first response. */
  actualUsageSummary: UsageSummary | undefined;

  /** Starts counting anew. */
  clearUsageSummary(): void {
    this.totalUsageSummary = this.actualUsageSummary = undefined;
  }

  /** Goes on with the counts of `other`. */
  continueUsage({ totalUsageSummary, actualUsageSummary }: UsageCounter): void {
    Object.assign(this, { totalUsageSummary, actualUsageSummary });
  }

  /**
   * Makes a completion with the first model that gives one. An `APIError` of one model lets the next
   * try; the last one's error, any other error, and a refusal by a content filter go to the caller.
   * The response gets its `cost` in US dollars.
   *
   * The parameters of the configuration win over those of `request`; tools are joined, the
   * request's first (AG2: oai/client_utils.py, `merge_config_with_tools`).
   */
  async create(request: ModelRequest, options: CreateOptions = {}): Promise<ModelResponse> {
    const order = this.#order();
    for (const [position, configIndex] of order.entries()) {
      const model = this.#models[configIndex] as Model;
      const isLast = position === order.length - 1;
      try {
        const response = await this.#ask(model, configIndex, requestFor(model, request, options.variables), options);
        const { filterFunc } = model.settings;
        if (isLast || filterFunc === undefined || (await filterFunc({ context: options.variables, response }))) return response;
      } catch (error) {
        if (isLast || !(error instanceof APIError) || error.code === "content_filter") throw error;
      }
    }
    throw new AgentError("invalid_config", "`configList` is empty: give a model");
  }

  /**
   * What each choice of a response says: its text, or the message if it carries calls
   * (AG2: `extract_text_or_completion_object`, `OpenAIClient.message_retrieval`).
   */
  extractTextOrCompletionObject(response: ModelResponse): (string | ChatMessage)[] {
    const client = this.#clientByResponse.get(response);
    if (client?.messageRetrieval) return client.messageRetrieval(response);
    return response.choices.map(({ message }) =>
      message.function_call != null || message.tool_calls != null ? message : contentText(message.content),
    );
  }

  /** One attempt with one model. */
  #ask(model: Model, configIndex: number, request: ModelRequest, options: CreateOptions): Promise<ModelResponse> {
    const { agent, context } = options;
    context?.signal?.throwIfAborted();
    const { client } = model;
    const prepared = client.prepare?.(request) ?? request;
    const { apiType, baseUrl } = model.settings;
    const api = { type: apiType, baseUrl };
    const scope = new OpenScope("modelCall", context?.scope, { agent, request: prepared, configIndex, api });
    return within(
      scope,
      async () => {
        const cache = cacheFor(model, options);
        const key = cache && cacheKey(request);
        const kept = key && (await cache.get(key));
        const response = kept ? (JSON.parse(kept) as ModelResponse) : await this.#make(client, prepared, scope, context);
        const costUsd = (response.cost = (kept ? response.cost : undefined) ?? this.#cost(model, response));
        const usage = client.getUsage?.(response) ?? usageOf(response);
        this.totalUsageSummary = addUsage(this.totalUsageSummary, usage);
        if (!kept) this.actualUsageSummary = addUsage(this.actualUsageSummary, usage);
        if (key && !kept) await cache.set(key, JSON.stringify(response));
        this.#clientByResponse.set(response, client);
        return { response, costUsd, isCached: Boolean(kept) };
      },
    ).then(({ response }) => response);
  }

  #make(client: ModelClient, request: ModelRequest, scope: OpenScope<"modelCall">, context: ContextOption | undefined): Promise<ModelResponse> {
    const onChunk = async (chunk: unknown): Promise<void> => {
      notify((observer) => observer.chunk?.(scope, chunk));
      const content = textIn(chunk);
      if (content !== "") await tell({ type: "stream", content }, scope, context?.silent ?? false);
    };
    return orAborted(() => client.create(request, { signal: context?.signal, onChunk }), { scope, signal: context?.signal });
  }

  #cost({ settings: { price }, client }: Model, response: ModelResponse): number {
    if (price !== undefined) return costAt(typeof price === "number" ? [price, price] : price, response);
    const cost = client.cost ? client.cost(response) : listCost(response);
    if (cost === undefined && !this.#unpriced.has(response.model)) {
      this.#unpriced.add(response.model);
      warn(`model \`${response.model}\` has no known price and counts as free: give \`price: [promptPer1K, completionPer1K]\``);
    }
    return cost ?? 0;
  }

  #order(): number[] {
    const first = this.#isRoundRobin ? this.#calls++ : 0;
    return this.#models.map((_, index) => (first + index) % this.#models.length);
  }
}

function clientFor({ settings }: ModelEntry): ModelClient {
  const { client, apiType } = settings;
  if (client !== undefined) return isOpenAIShaped(client) ? openAIShaped(client, settings) : client;
  if (apiType !== undefined && apiType !== "openai") {
    throw new AgentError("not_supported", `there is no client for \`apiType\` \`${String(apiType)}\`: give a \`client\``);
  }
  return new OpenAIClient(settings);
}

function cacheFor({ settings }: Model, options: CreateOptions): Cache | undefined {
  const { cache = options.cache, cacheSeed: seed = options.cacheSeed } = settings;
  return cache ?? cacheAround(options.context?.scope) ?? (seed == null ? undefined : cacheOfSeed(seed));
}

/** What a chunk adds to the text. */
function textIn(chunk: unknown): string {
  const { choices } = Object(chunk) as { choices?: unknown };
  if (!Array.isArray(choices)) return "";
  const texts = choices.map((choice: { delta?: { content?: unknown } | null } | null) => choice?.delta?.content);
  return texts.filter((text) => typeof text === "string").join("");
}

function requestFor({ parameters, settings }: Model, given: ModelRequest, variables: Record<string, unknown> | undefined): ModelRequest {
  const request: ModelRequest = { ...given, ...parameters, messages: given.messages };
  const tools = [...(given.tools ?? []), ...((parameters["tools"] as ModelRequest["tools"]) ?? [])];
  if (tools.length > 0 && !("functions" in request)) request.tools = tools;
  request.messages = given.messages.map((message) => {
    const content = message.content && instantiate(message.content, variables ?? {}, settings.allowFormatStrTemplate ?? false);
    // The same object where nothing changes: whoever records requests can tell what it has seen before.
    if (content === message.content && message.role !== undefined) return message;
    // As in AG2, a message without a role is the user's.
    return { ...message, ...(content !== undefined && { content }), role: message.role ?? "user" };
  });
  return request;
}
