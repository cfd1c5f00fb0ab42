/** Model calls of other libraries: requests and answers in the shapes of OpenAI's API, Anthropic's and what ports make of them. */

import type { EndDetails, StartDetails } from "../../agents/observe/observer.js";
import { currentScope } from "../context.js";
import { field, type Fields, isFields, isRecord, textField } from "../fields.js";
import type { Begun, Call } from "./call.js";
import { isAgent } from "./kinds.js";
import { nameOf } from "./names.js";
import { around, ForeignScope, isOutside } from "./report.js";

/** Marks a call that was given a whole request: what it does inside is the same call. */
const WHOLE = "request";

const BASE_URL = "baseURL baseUrl";

/** Where a model's name may stand. */
const MODEL = "model modelName modelId defaultModel";

/** Objects whose own client is hooked: it tells more than they do. */
const holders = new WeakSet<object>();

/** Notes that `holder` asks its models through a client that is hooked. */
export function holdsClient(holder: object): void {
  holders.add(holder);
}

/** A model is called, unless the call is one step of a model call that is known already. */
export function beginModelCall(call: Call): Begun | undefined {
  const { self, given } = call;
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
  const name = isAgent(self) ? nameOf(self) : around(ambient, "reply")?.name;
  const details = {
    agent: name === undefined ? undefined : { name },
    request,
    configIndex: 0,
    api: { type: undefined, baseUrl: textField(self, BASE_URL) ?? textField(field(self, "_client client"), BASE_URL) },
  } as unknown as StartDetails["modelCall"];
  const scope = new ForeignScope("modelCall", self, isWhole(given[0]) ? WHOLE : "", details);
  return scope.begun((result) => answerOf(result, scope.isTold));
}

function isWhole(first: unknown): first is Fields {
  return isFields(first) && !Array.isArray(first);
}

/** The request, as far as it can be told from the arguments; `undefined` if this is no request to a model. */
function requestIn({ self, given, meaning: { isSure }, options }: Call): Fields | undefined {
  const [first, second] = given;
  const asked = (request: Fields): Fields => {
    const model = field(request, "model") === undefined ? (options.model ?? modelOf(self)) : undefined;
    return model === undefined ? request : { model, ...request };
  };
  if (isWhole(first))
    return isSure || field(first, "messages input prompt contents") !== undefined ? asked(first) : undefined;
  if (Array.isArray(first) && first.every(isMessageLike)) return asked({ messages: first, ...restOf(second) });
  if (typeof first === "string" && (isSure || options.kind === "client")) {
    const texts = typeof second === "string" ? [first, second] : [first];
    return asked({ messages: texts.map((content) => ({ role: "user", content })), ...restOf(second) });
  }
  return isSure ? asked({ messages: [], args: given }) : undefined;
}

function restOf(second: unknown): Fields {
  if (Array.isArray(second)) return { tools: second };
  return isRecord(second) ? second : {};
}

function isMessageLike(value: unknown): boolean {
  return typeof value === "string" || field(value, "role content type parts") !== undefined;
}

function modelOf(self: unknown): string | undefined {
  return textField(self, MODEL) ?? textField(field(self, "config options settings llmConfig"), MODEL);
}

function answerOf(result: unknown, isToldInside: boolean): EndDetails["modelCall"] {
  const cost = field(result, "cost costUsd");
  return {
    response: responseOf(result, isToldInside) as never,
    costUsd: typeof cost === "number" && cost >= 0 ? cost : Number.NaN,
    isCached: field(result, "cached isCached fromCache") === true,
  };
}

function responseOf(result: unknown, isToldInside: boolean): unknown {
  // The shape in which everybody shows what a model said.
  if (typeof result === "string") return { choices: [{ index: 0, message: { role: "assistant", content: result } }] };
  // The tokens are counted where they were told first.
  return isToldInside && isRecord(result) ? { ...result, usage: undefined } : (result ?? null);
}
