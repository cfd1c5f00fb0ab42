/** One or more models behind one door: fallback, cost and usage (AG2: oai/client.py, `OpenAIWrapper`). */

import { AgentError, APIError } from "./errors.js";
import { type LlmConfig, modelEntries, type ModelEntry } from "./llm-config.js";
import { type ChatMessage, contentText, type MessageContent, type ModelRequest, type ModelResponse } from "./message.js";
import type { ModelClient } from "./model-client.js";
import { type Named, notify } from "./observer.js";
import { OpenAIClient } from "./openai-client.js";
import { warn } from "./printer.js";
import { type ContextOption, OpenScope, orAborted, within } from "./scope.js";
import { addUsage, costAt, listCost, type UsageSummary, usageOf } from "./usage.js";

/** What comes with a request beside its body. */
export interface CreateOptions {
  /** The agent that asks. */
  agent?: Named | undefined;
  /** Values for templates in the messages (AG2's `context`). */
  variables?: Record<string, unknown> | undefined;
  /** Where this is called from. */
  context?: ContextOption | undefined;
}

interface Model extends ModelEntry {
  client: ModelClient;
}

/** Asks the models of a configuration, one after the other until one answers. */
export class OpenAIWrapper {
  readonly #models: readonly Model[];
  readonly #isRoundRobin: boolean;
  #nextModel = 0;
  #totalUsage: UsageSummary | undefined;
  #actualUsage: UsageSummary | undefined;
  readonly #clientByResponse = new WeakMap<ModelResponse, ModelClient>();
  readonly #unpriced = new Set<string>();

  /** @throws AgentError when the configuration is not usable */
  constructor(config: LlmConfig) {
    this.#models = modelEntries(config).map((entry) => ({ ...entry, client: clientFor(entry) }));
    this.#isRoundRobin = config.routingMethod === "round_robin";
  }

  /** What all responses have used, those from a cache included; `undefined` before the first. */
  get totalUsageSummary(): UsageSummary | undefined {
    return this.#totalUsage;
  }

  /** What was really asked of models; `undefined` before the first response. */
  get actualUsageSummary(): UsageSummary | undefined {
    return this.#actualUsage;
  }

  /** Starts counting anew. */
  clearUsageSummary(): void {
    this.#totalUsage = undefined;
    this.#actualUsage = undefined;
  }

  /** Goes on with the counts of `other`. */
  continueUsage(other: OpenAIWrapper): void {
    this.#totalUsage = other.#totalUsage;
    this.#actualUsage = other.#actualUsage;
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
    throw new AgentError("invalid_config", "no model was asked: `configList` is empty");
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
  #ask(model: Model, configIndex: number, request: ModelRequest, { agent, context }: CreateOptions): Promise<ModelResponse> {
    context?.signal?.throwIfAborted();
    const scope = new OpenScope("modelCall", context?.scope, { agent, request, configIndex });
    return within(
      scope,
      async () => {
        const onChunk = (chunk: unknown): void => notify((observer) => observer.chunk?.(scope, chunk));
        const response = await orAborted(() => model.client.create(request, { signal: context?.signal, onChunk }), context?.signal);
        response.cost = this.#cost(model, response);
        const usage = model.client.getUsage?.(response) ?? usageOf(response);
        this.#totalUsage = addUsage(this.#totalUsage, usage);
        this.#actualUsage = addUsage(this.#actualUsage, usage);
        this.#clientByResponse.set(response, model.client);
        return response;
      },
      (response) => ({ response, costUsd: response.cost ?? 0, isCached: false }),
    );
  }

  #cost({ settings: { price }, client }: Model, response: ModelResponse): number {
    if (price !== undefined) return costAt(typeof price === "number" ? [price, price] : price, response);
    const cost = client.cost ? client.cost(response) : listCost(response);
    if (cost === undefined && !this.#unpriced.has(response.model)) {
      this.#unpriced.add(response.model);
      warn(`the price of model \`${response.model}\` is not known, so its cost counts as 0: give \`price: [promptPer1K, completionPer1K]\` in \`configList\``);
    }
    return cost ?? 0;
  }

  #order(): number[] {
    const first = this.#nextModel;
    const count = this.#models.length;
    if (this.#isRoundRobin) this.#nextModel = (first + 1) % count;
    return this.#models.map((_, index) => (first + index) % count);
  }
}

function clientFor({ settings }: ModelEntry): ModelClient {
  if (settings.client !== undefined) return settings.client;
  if (settings.apiType !== undefined && settings.apiType !== "openai") {
    throw new AgentError("not_supported", `\`apiType: "${String(settings.apiType)}"\` has no built-in client: give a \`client\` in \`configList\``);
  }
  return new OpenAIClient(settings);
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

/** What templates said last: a request without values for them repeats it. */
const lastTexts = new WeakMap<object, string>();

/** A content with its template filled in, if there are values for it (AG2: `OpenAIWrapper.instantiate`). */
function instantiate(content: MessageContent, variables: Record<string, unknown>, isFormat: boolean): MessageContent {
  const hasValues = Object.keys(variables).length > 0;
  const template: unknown = content;
  if (typeof template === "function") {
    const text = hasValues ? String((template as (variables: Record<string, unknown>) => unknown)(variables)) : (lastTexts.get(template) ?? "");
    lastTexts.set(template, text);
    return text;
  }
  if (typeof content !== "string" || !isFormat || !hasValues) return content;
  return content.replace(/\{\{|\}\}|\{(\w+)\}/g, (match, name: string | undefined) => {
    if (name === undefined) return match.slice(0, 1);
    if (!(name in variables)) throw new AgentError("invalid_message", `the template asks for \`${name}\`, which \`context\` does not hold`);
    return String(variables[name]);
  });
}
