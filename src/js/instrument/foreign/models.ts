/** Model calls of other libraries: requests and answers in the shapes of OpenAI's API, Anthropic's and what ports make of them. */

import type { StartDetails } from "../../agents/observer.js";
import { currentScope } from "../context.js";
import type { Begun, Call } from "./call.js";
import { isAgent } from "./kinds.js";
import { around, ForeignScope, isOutside } from "./report.js";
import { field, type Fields, isFields, isRecord, nameOf } from "./read.js";

/** Marks a call that was given a whole request: what it does inside is the same call. */
const WHOLE = "request";

/** Objects whose own client is hooked: it tells more than they do. */
const holders = new WeakSet<object>();

/** Notes that `holder` asks its models through a client that is hooked. */
export function holdsClient(holder: object): void {
  holders.add(holder);
}

/** A model is called, unless the call is one step of a model call that is known already. */
export function beginModelCall(call: Call): Begun | undefined {
  const { self } = call;
  const ambient = currentScope();
  if (isFields(self) && holders.has(self) && ambient !== undefined) return undefined;
  if (ambient?.kind === "modelCall") {
    if (!(ambient instanceof ForeignScope) || ambient.name === WHOLE) return undefined;
    // The one around is a port's own method; the one inside knows the model, and counts the tokens.
    ambient.isTold = true;
  }
  if (call.isOnlyInside && isOutside(ambient)) return undefined;
  const request = requestIn(call);
  if (request === undefined) return undefined;
  const agent = isAgent(self) ? nameOf(self) : around(ambient, "reply")?.name;
  const baseUrl = field(self, "baseURL", "baseUrl") ?? field(field(self, "_client", "client"), "baseURL", "baseUrl");
  const details = {
    agent: agent === undefined ? undefined : { name: agent },
    request,
    configIndex: 0,
    api: { type: undefined, baseUrl: typeof baseUrl === "string" ? baseUrl : undefined },
  } as unknown as StartDetails["modelCall"];
  const isWhole = isFields(call.given[0]) && !Array.isArray(call.given[0]);
  const scope = new ForeignScope("modelCall", details, { parent: ambient, self, name: isWhole ? WHOLE : "" });
  return { scope, end: (result) => scope.end(answerOf(result, scope.isTold)) };
}

/** The request, as far as it can be told from the arguments; `undefined` if this is no request to a model. */
function requestIn({ self, given, meaning, options }: Call): Fields | undefined {
  const [first, second] = given;
  const model = (): Fields => {
    const found = options.model ?? modelOf(self);
    return found === undefined ? {} : { model: found };
  };
  if (isFields(first) && !Array.isArray(first)) {
    if (field(first, "messages", "input", "prompt", "contents") === undefined) return meaning.isSure ? { ...model(), ...first } : undefined;
    return field(first, "model") === undefined ? { ...model(), ...first } : first;
  }
  if (Array.isArray(first) && first.every(isMessageLike)) return { ...model(), messages: first, ...restOf(second) };
  if (typeof first === "string" && (meaning.isSure || options.kind === "client")) {
    const more = typeof second === "string" ? [{ role: "user", content: second }] : [];
    return { ...model(), messages: [{ role: "user", content: first }, ...more], ...restOf(second) };
  }
  return meaning.isSure ? { ...model(), messages: [], args: given } : undefined;
}

function restOf(second: unknown): Fields {
  if (Array.isArray(second)) return { tools: second };
  return isRecord(second) ? second : {};
}

function isMessageLike(value: unknown): boolean {
  return typeof value === "string" || field(value, "role", "content", "type", "parts") !== undefined;
}

function modelOf(self: unknown): string | undefined {
  const names = ["model", "modelName", "model_name", "modelId", "defaultModel", "default_model"];
  const found = field(self, ...names) ?? field(field(self, "config", "options", "settings", "llmConfig", "llm_config"), ...names);
  return typeof found === "string" ? found : undefined;
}

function answerOf(result: unknown, isToldInside: boolean): { response: never; costUsd: number; isCached: boolean } {
  const cost = field(result, "cost", "costUsd");
  return {
    response: responseOf(result, isToldInside) as never,
    costUsd: typeof cost === "number" && cost >= 0 ? cost : Number.NaN,
    isCached: field(result, "cached", "isCached", "is_cached", "fromCache", "from_cache") === true,
  };
}

function responseOf(result: unknown, isToldInside: boolean): unknown {
  // The shape in which everybody shows what a model said.
  if (typeof result === "string") return { choices: [{ index: 0, message: { role: "assistant", content: result } }] };
  // The tokens are counted where they were told first.
  return isToldInside && isRecord(result) ? { ...result, usage: undefined } : (result ?? null);
}
