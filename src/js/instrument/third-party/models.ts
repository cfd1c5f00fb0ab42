/**
 * Model calls of third-party libraries: requests and responses of OpenAI's API, Anthropic's, and the variants of
 * ports.
 */

import { tokenCounts } from "../../agents/models/token-counts.js";
import type { EndDetails, StartDetails } from "../../agents/observe/observer.js";
import { currentScope } from "../context.js";
import { field, type Fields, isObject, isPlainObject, textField } from "../fields.js";
import type { StartedOperation, Call } from "./call.js";
import { OLLAMA } from "./clients.js";
import { asCompletion } from "./message-assembler.js";
import { isAgent } from "./object-shape.js";
import { agentName } from "./agent-names.js";
import { isEmbedding } from "./method-meaning.js";
import { enclosing, ThirdPartyScope, isCertainlyTopLevel, isThirdPartyScope } from "./third-party-scope.js";

/** The name of the scope of a call with a complete request: model calls within it are the same call. */
const COMPLETE_REQUEST = "request";

const BASE_URL = "baseURL baseUrl";

/** Properties that may hold a model's name. */
const MODEL = "model modelName modelId defaultModel";

/** Objects whose client is hooked: its calls are more detailed than theirs. */
const clientHolders = new WeakSet<object>();

/** Marks `holder` as an object that calls its models through a hooked client. */
export function markClientHolder(holder: object): void {
  clientHolders.add(holder);
}

/** Starts a model call, unless the call is a step of one that is reported already. */
export function startModelCall(call: Call): StartedOperation | undefined {
  const { self, args } = call;
  const ambient = currentScope();
  if (isObject(self) && clientHolders.has(self) && ambient !== undefined) return undefined;
  if (ambient?.kind === "modelCall") {
    if (!isThirdPartyScope(ambient) || ambient.name === COMPLETE_REQUEST) return undefined;
    // The enclosing call is a method of a port; this one knows the model, and has the token counts.
    ambient.isReported = true;
  }
  if (call.isNestedOnly && isCertainlyTopLevel(ambient)) return undefined;
  const request = requestIn(call);
  if (request === undefined) return undefined;
  const name = isAgent(self) ? agentName(self) : enclosing(ambient, "reply")?.name;
  const isChat = !isEmbedding(call.meaning);
  const isOllama = call.meaning.format === OLLAMA;
  const format = isOllama
    ? "openai"
    : (call.meaning.format ?? (isChat && field(request, "contents") !== undefined ? "gemini" : undefined));
  const details = {
    agent: name === undefined ? undefined : { name },
    request,
    configIndex: 0,
    isEmbedding: !isChat,
    format,
    api: {
      type: isOllama ? OLLAMA : undefined,
      baseUrl: textField(self, BASE_URL) ?? textField(field(self, "_client client"), BASE_URL),
    },
  } as unknown as StartDetails["modelCall"];
  const scope = new ThirdPartyScope("modelCall", self, isRequestObject(args[0]) ? COMPLETE_REQUEST : "", details);
  // This call may be that of a delegate, whose counts the call that encloses it reports again.
  const outer = enclosing(ambient, "modelCall");
  return scope.started((result, usage = result) => {
    const isReported = !scope.isCounted && tokenCounts(usage).total > 0;
    if (outer !== undefined) outer.isCounted ||= scope.isCounted || isReported;
    return {
      ...modelCallResult(isOllama ? asCompletion(result) : result),
      usage: isReported ? usage : null,
      format: format ?? (isChat ? formatOf(result) : undefined),
    };
  });
}

function isRequestObject(first: unknown): first is Fields {
  return isObject(first) && !Array.isArray(first);
}

function isRequest(value: unknown): boolean {
  return field(value, "messages input prompt contents") !== undefined;
}

/** The request, read from the arguments; `undefined` if they are not a request to a model. */
function requestIn({ self, args, meaning, options }: Call): Fields | undefined {
  const { isCertain } = meaning;
  const [first, second, third] = args;
  const withModel = (request: Fields): Fields => {
    const model = field(request, "model") === undefined ? (options.model ?? modelOf(self)) : undefined;
    return model === undefined ? request : { model, ...request };
  };
  // The model itself comes first: `streamFn(model, context, options)`.
  if (isRequestObject(first) && isRequestObject(second) && isRequest(second) && !isRequest(first))
    return { model: modelOf(first) ?? textField(first, "id name"), ...second };
  if (isRequestObject(first))
    return isCertain || isEmbedding(meaning) || isRequest(first) ? withModel(first) : undefined;
  if (isEmbedding(meaning)) return withModel({ input: first, ...restOf(second) });
  if (Array.isArray(first) && first.every(isMessageLike)) return withModel({ messages: first, ...restOf(second) });
  // Azure's client: `getChatCompletions(deployment, messages, options)`.
  if (typeof first === "string" && Array.isArray(second) && /(?:completions|embeddings)$/.test(meaning.name))
    return { model: first, messages: second as unknown[], ...restOf(third) };
  if (typeof first === "string" && (isCertain || options.kind === "client")) {
    const texts = typeof second === "string" ? [first, second] : [first];
    return withModel({ messages: texts.map((content) => ({ role: "user", content })), ...restOf(second) });
  }
  return isCertain ? withModel({ messages: [], args }) : undefined;
}

function restOf(second: unknown): Fields {
  if (Array.isArray(second)) return { tools: second };
  return isPlainObject(second) ? second : {};
}

function isMessageLike(value: unknown): boolean {
  return typeof value === "string" || field(value, "role content type parts") !== undefined;
}

function modelOf(self: unknown): string | undefined {
  return textField(self, MODEL) ?? textField(field(self, "config options settings llmConfig"), MODEL);
}

function modelCallResult(result: unknown): EndDetails["modelCall"] {
  const cost = field(result, "cost costUsd");
  return {
    response: responseOf(result) as never,
    costUsd: typeof cost === "number" && cost >= 0 ? cost : Number.NaN,
    isCached: field(result, "cached isCached fromCache") === true,
  };
}

/** The format of the messages in a response, by MLflow's name, where its shape shows it. */
function formatOf(response: unknown): string | undefined {
  if (typeof response === "string" || Array.isArray(field(response, "choices output"))) return "openai";
  if (Array.isArray(field(response, "candidates"))) return "gemini";
  if (isObject(field(field(response, "output"), "message"))) return "bedrock";
  return field(response, "type") === "message" && Array.isArray(field(response, "content")) ? "anthropic" : undefined;
}

function responseOf(result: unknown): unknown {
  // The shape that viewers know.
  if (typeof result === "string") return { choices: [{ index: 0, message: { role: "assistant", content: result } }] };
  return result ?? null;
}
