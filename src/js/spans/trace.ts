/** `trace`: a function each call of which is a span. */

import type { Scope } from "../agents/observe/observer.js";
import { checkedRatio } from "../instrument/sampling.js";
import { isEnabled } from "../util/switch.js";
import { namedArguments } from "./parameters.js";
import type { SpanParent } from "./live-span.js";
import type { SpanType } from "./names.js";
import { startRecording } from "./start-span.js";
import { runAs } from "./with-span.js";

/** What the spans of a traced function get. */
export interface TraceOptions {
  /** Not given: the function's own name. */
  name?: string;
  /** As for `startSpan`. */
  spanType?: SpanType;
  /** As for `startSpan`. */
  attributes?: Readonly<Record<string, unknown>>;
  /** `false`: the arguments do not become the span's inputs. Default `true`. */
  captureInputs?: boolean;
  /** `false`: what the function gives does not become the span's outputs. Default `true`. */
  captureOutputs?: boolean;
  /** As for `startSpan`. */
  samplingRatio?: number;
}

/** Any function. */
export type TraceableFunction = (...given: never[]) => unknown;

/** What `@trace()` before a method is. */
export type TraceDecorator = <Method extends TraceableFunction>(
  method: Method,
  context: ClassMethodDecoratorContext,
) => Method;

/**
 * A function that does what `fn` does, and each call of which is a span: its arguments by name are
 * the inputs, what it gives the outputs. Works for sync and async functions and for sync and async
 * generators, whose span ends when they do. Everything else about `fn` stays as it is: `this`, its
 * name, its properties, the errors it throws.
 *
 * A last argument that is the `context` of an agents' callback, or a span, is what the call becomes
 * part of, in every host; it is not among the inputs.
 *
 * @example
 * const find = trace(async (query: string) => search(query), { name: "search", spanType: "RETRIEVER" });
 * await find("cats");
 * @example
 * // As a tool: below the agent's tool call.
 * const lookUp = trace(async function lookUp(city: string, context: CallContext) {
 *   return `Sun in ${city}`;
 * });
 * user.registerForExecution({ name: "weather" })(async ({ city }: { city: string }, context) => lookUp(city, context));
 */
export function trace<Fn extends TraceableFunction>(fn: Fn, options?: TraceOptions): Fn;
/**
 * A decorator for methods (of TypeScript 5 and standard JavaScript), written as
 * `@trace({ spanType: "CHAIN" })` before the method.
 */
export function trace(options?: TraceOptions): TraceDecorator;
export function trace(first?: TraceableFunction | TraceOptions, options?: TraceOptions): unknown {
  if (typeof first === "function") return traced(first, options ?? {});
  return (method: TraceableFunction, { name }: ClassMethodDecoratorContext) =>
    traced(method, { name: String(name), ...first });
}

function traced(
  fn: TraceableFunction,
  { name, spanType, attributes, captureInputs = true, captureOutputs = true, samplingRatio }: TraceOptions,
): unknown {
  if (samplingRatio !== undefined) checkedRatio("samplingRatio", samplingRatio);
  // A proxy, so that whatever else somebody does with the function is done with the function itself.
  return new Proxy(fn, {
    apply(target, self: unknown, given: never[]) {
      if (!isEnabled()) return Reflect.apply(target, self, given);
      const run = (): unknown => Reflect.apply(target, self, given);
      const context = contextIn(given);
      const span = startRecording({
        name: name ?? target.name,
        inputs: captureInputs ? namedArguments(target, context === undefined ? given : given.slice(0, -1)) : undefined,
        parent: context,
        ...(spanType !== undefined && { spanType }),
        ...(attributes !== undefined && { attributes }),
        ...(samplingRatio !== undefined && { samplingRatio }),
      });
      if (!captureOutputs) span?.leaveOutResult();
      return span === undefined ? run() : runAs(span, run);
    },
  });
}

/** The last argument, if it says where the call belongs. */
function contextIn(given: readonly unknown[]): SpanParent | undefined {
  const last = given.at(-1);
  if (typeof last !== "object" || last === null) return undefined;
  try {
    const { scope } = last as { scope?: unknown };
    return isScope(scope) ? { scope } : undefined;
  } catch {
    return undefined;
  }
}

function isScope(value: unknown): value is Scope {
  return typeof value === "object" && value !== null && typeof (value as Scope).kind === "string" && "parent" in value;
}
