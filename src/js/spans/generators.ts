/**
 * Spans around generators: the work is done whenever somebody asks for the next value, and the span
 * ends when the generator does.
 */

import { jsonOf } from "../capture/capture.js";
import { runWithin } from "../instrument/context.js";
import { afterwards } from "./afterwards.js";
import type { SpanOfWork } from "./unsampled-span.js";

/** How many of the values that a generator gave are kept as its span's outputs. */
const KEPT_VALUES = 1_000;

type Step = "next" | "return" | "throw";
type AnyGenerator = Generator<unknown, unknown, unknown> | AsyncGenerator<unknown, unknown, unknown>;

/** Whether `value` is a generator, sync or async, native or made by a compiler. */
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

/** `generator`, every step of which runs as what `span` stands for. */
export function generatorWithin<Result extends AnyGenerator>(span: SpanOfWork, generator: Result): Result {
  const kept: string[] = [];
  let count = 0;

  const outputs = (): string =>
    `[${(count > kept.length ? [...kept, jsonOf(`… ${count - kept.length} more`)] : kept).join(",")}]`;
  const fail = (error: unknown): void => span.fail(error, outputs());
  const look = ({ done, value }: IteratorResult<unknown>): void => {
    if (done) return span.succeedWithJson(outputs());
    count += 1;
    // Captured when it is given: whoever takes it may change it.
    if (span.isRecorded && kept.length < KEPT_VALUES) kept.push(jsonOf(value ?? null));
  };

  const step = (name: Step) => ({
    configurable: true,
    writable: true,
    value: (...given: unknown[]): unknown => {
      let result: unknown;
      try {
        result = runWithin(span.scope, () => (generator[name] as (...given: unknown[]) => unknown)(...given));
      } catch (error) {
        fail(error);
        throw error;
      }
      return afterwards(result, (value) => look(value as IteratorResult<unknown>), fail);
    },
  });

  // Everything else that a generator can do is inherited, and done by means of these three.
  return Object.create(generator, { next: step("next"), return: step("return"), throw: step("throw") }) as Result;
}
