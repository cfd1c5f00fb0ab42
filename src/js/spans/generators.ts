/**
 * Spans of generators: each step runs in the scope of the span, which ends when the generator does.
 */

import { jsonOf } from "../capture/capture.js";
import { withScope } from "../instrument/context.js";
import { onSettled } from "./on-settled.js";
import type { WorkSpan } from "./work-span.js";

/** The most values of a generator that are recorded as its span's outputs. */
const MAX_RECORDED_VALUES = 1_000;

type Step = "next" | "return" | "throw";
type AnyGenerator = Generator<unknown, unknown, unknown> | AsyncGenerator<unknown, unknown, unknown>;

/** Whether `value` is a generator, sync or async, native or compiled. */
export function isGenerator(value: unknown): value is AnyGenerator {
  if (typeof value !== "object" || value === null) return false;
  const { next, return: end, throw: fail } = value as Partial<Record<Step, unknown>>;
  return (
    typeof next === "function" &&
    typeof end === "function" &&
    typeof fail === "function" &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

/** `generator` with every step run in the scope of `span`. */
export function traceGenerator<Result extends AnyGenerator>(span: WorkSpan, generator: Result): Result {
  const recorded: string[] = [];
  let count = 0;

  const outputs = (): string =>
    `[${(count > recorded.length ? [...recorded, jsonOf(`… ${count - recorded.length} more`)] : recorded).join(",")}]`;
  const fail = (error: unknown): void => span.fail(error, outputs());
  const observe = ({ done, value }: IteratorResult<unknown>): void => {
    if (done) return span.succeedWithJson(outputs());
    count += 1;
    // Captured at once: the consumer may change it.
    if (span.isRecorded && recorded.length < MAX_RECORDED_VALUES) recorded.push(jsonOf(value ?? null));
  };

  const step = (name: Step) => ({
    configurable: true,
    writable: true,
    value: (...args: unknown[]): unknown => {
      let result: unknown;
      try {
        result = withScope(span.scope, () => (generator[name] as (...args: unknown[]) => unknown)(...args));
      } catch (error) {
        fail(error);
        throw error;
      }
      return onSettled(result, (value) => observe(value as IteratorResult<unknown>), fail);
    },
  });

  // All other methods are inherited, and call these three.
  return Object.create(generator, { next: step("next"), return: step("return"), throw: step("throw") }) as Result;
}
