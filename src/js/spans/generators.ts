/**
 * Spans of generators: each step runs in the scope of the span, which ends when the generator does.
 */

import { jsonOf } from "../capture/capture.js";
import { withScope } from "../instrument/context.js";
import { tryRead } from "../instrument/fields.js";
import { override, type Undo } from "../instrument/patch.js";
import { onSettled } from "./on-settled.js";
import type { WorkSpan } from "./work-span.js";

/** The most values of a generator that are recorded as its span's outputs. */
const MAX_RECORDED_VALUES = 1_000;

/** All other methods call these three. */
const STEPS = ["next", "return", "throw"] as const;

/** Whether `value` is a generator, sync or async, native or compiled. Never throws. */
export function isGenerator(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return (
    tryRead(
      () =>
        STEPS.every((name) => typeof (value as Partial<Record<string, unknown>>)[name] === "function") &&
        (Symbol.iterator in value || Symbol.asyncIterator in value),
    ) === true
  );
}

/**
 * Runs every step of `generator`, which stays the same object, in the scope of `span`. Returns whether that is
 * possible: a frozen one cannot be observed. Never throws.
 */
export function traceGenerator(span: WorkSpan, generator: object): boolean {
  const recorded: string[] = [];
  let count = 0;
  let undos: (Undo | undefined)[] = [];

  const outputs = (): string =>
    `[${(count > recorded.length ? [...recorded, jsonOf(`… ${count - recorded.length} more`)] : recorded).join(",")}]`;
  const restore = (): void => {
    for (const undo of undos) undo?.();
    undos = [];
  };
  const fail = (error: unknown): void => {
    restore();
    span.fail(error, outputs());
  };
  const observe = (result: unknown): void => {
    const { done, value } = Object(result) as { readonly done?: unknown; readonly value?: unknown };
    if (done) {
      restore();
      return span.succeedWithJson(outputs());
    }
    count += 1;
    // Captured at once: the consumer may change it.
    if (span.isRecorded && recorded.length < MAX_RECORDED_VALUES) recorded.push(jsonOf(value ?? null));
  };

  for (const name of STEPS) {
    const undo = tryRead(() =>
      override(
        generator,
        name,
        (original) =>
          function (this: unknown, ...args: never[]) {
            let result: unknown;
            try {
              result = withScope(span.scope, () => Reflect.apply(original, this, args));
            } catch (error) {
              fail(error);
              throw error;
            }
            onSettled(result, true, observe, fail);
            return result;
          },
      ),
    );
    undos.push(undo);
  }
  if (undos[0] !== undefined) return true;
  restore();
  return false;
}
