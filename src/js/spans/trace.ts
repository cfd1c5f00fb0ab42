/** `trace`: traces each call of a function as a span. */

import type { Scope } from "../agents/observe/observer.js";
import { tryRead } from "../instrument/fields.js";
import { checkedSamplingRatio } from "../instrument/sampling.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { isEnabled } from "../util/enablement.js";
import { decorate, isDecoratorCall } from "./decorator.js";
import { namedArguments } from "./parameters.js";
import type { SpanParent } from "./live-span.js";
import type { SpanType } from "./names.js";
import { startRecording } from "./start-span.js";
import { runAs } from "./with-span.js";

/** The options of the spans of a traced function. */
export interface TraceOptions {
  /** The name. Default: that of the function. */
  name?: string;
  /** As for `startSpan`. */
  spanType?: SpanType;
  /** As for `startSpan`. */
  attributes?: Readonly<Record<string, unknown>>;
  /** `false`: the arguments do not become the span's inputs. Default `true`. */
  captureInputs?: boolean;
  /** `false`: the result does not become the span's outputs. Default `true`. */
  captureOutputs?: boolean;
  /** As for `startSpan`. */
  samplingRatio?: number;
}

const TRACE_OPTIONS: OptionRules<TraceOptions> = {
  name: "any",
  spanType: "any",
  attributes: "object",
  captureInputs: "flag",
  captureOutputs: "flag",
  samplingRatio: "any",
};

/** Any function. */
export type TraceableFunction = (...args: never[]) => unknown;

/** The type of the decorator `@trace()`, in its two forms. */
export interface TraceDecorator {
  /** The standard form. */
  <Method extends TraceableFunction>(method: Method, context: ClassMethodDecoratorContext): Method;
  /** The legacy form, of `experimentalDecorators`. */
  <Method extends TraceableFunction>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): TypedPropertyDescriptor<Method>;
}

/**
 * A function that calls `fn`, each call of which is a span: the arguments by name are its inputs, the
 * result its outputs. Works for sync and async functions and for sync and async generators, whose span
 * ends when they do. Everything else about `fn` is unchanged: `this`, its name, its properties, the errors
 * it throws.
 *
 * A last argument that is the `context` of an agents' callback, or a span, is the parent of the call's
 * span, in every host; it is not among the inputs.
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
 * A decorator for methods, static ones too, written as `@trace({ spanType: "CHAIN" })` before the method: a standard
 * one, or a legacy one where the compiler makes those (`experimentalDecorators` of TypeScript and esbuild, `legacy` of
 * Babel and SWC). The name of the method is the default name of the spans.
 *
 * @throws MlflowAg2Error `invalid_argument` when the class is defined, if it is not a method that is decorated.
 */
export function trace(options?: TraceOptions): TraceDecorator;
export function trace(first?: TraceableFunction | TraceOptions, ...rest: readonly unknown[]): unknown {
  const given = typeof first === "function" ? rest[0] : first;
  const isName = typeof first === "function" && typeof rest[0] === "string" && rest.length === 1;
  const isDecorator = !isName && isDecoratorCall(rest[0]);
  if (given !== undefined && !isDecorator) checkOptions("trace", given, TRACE_OPTIONS);
  const decorator =
    (options?: TraceOptions) =>
    (...args: readonly unknown[]): unknown =>
      decorate((method, name) => traced(method, { name, ...options }), args);
  // `@trace` without parentheses.
  if (isDecorator) return decorator()(first, ...rest);
  return typeof first === "function" ? traced(first, rest[0] ?? {}) : decorator(first);
}

function traced(fn: TraceableFunction, options: TraceOptions): unknown {
  const { name, spanType, attributes, captureInputs = true, captureOutputs = true, samplingRatio } = options;
  if (samplingRatio !== undefined) checkedSamplingRatio("samplingRatio", samplingRatio);
  // A proxy, so that every other use of it reaches the function itself.
  return new Proxy(fn, {
    apply(target, self: unknown, args: never[]) {
      const run = (): unknown => Reflect.apply(target, self, args);
      if (!isEnabled()) return run();
      const context = contextIn(args);
      const span = startRecording({
        name: name ?? tryRead(() => target.name) ?? "",
        inputs: captureInputs ? namedArguments(target, context === undefined ? args : args.slice(0, -1)) : undefined,
        parent: context,
        ...(spanType !== undefined && { spanType }),
        ...(attributes !== undefined && { attributes }),
        ...(samplingRatio !== undefined && { samplingRatio }),
      });
      if (!captureOutputs) span?.omitOutputs();
      return span === undefined ? run() : runAs(span, target, run);
    },
  });
}

/** The last argument, if it is a parent. */
function contextIn(args: readonly unknown[]): SpanParent | undefined {
  const last = args.at(-1);
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
