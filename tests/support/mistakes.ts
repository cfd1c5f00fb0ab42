/** A table of mistakes in a program's calls, each of which must be refused with the fix. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** A mistake: its name, the call, a part of the error's message, and the error's code if it is not the usual one. */
export type Mistake = readonly [name: string, call: () => unknown, part: string, code?: string];

/** Arguments as a program without types may write them. */
export const untyped = (value: unknown): never => value as never;

/** One test per mistake: the call throws, or rejects with, an error of this name whose code is `usualCode`. */
export function testThatEachIsRefused(mistakes: readonly Mistake[], errorName: string, usualCode: string): void {
  for (const [name, call, part, code = usualCode] of mistakes) {
    test(`${name} is refused with the fix`, async () => {
      await assert.rejects(
        async () => call(),
        (error: Error & { code?: string }) => {
          assert.equal(error.name, errorName, String(error));
          assert.equal(error.code, code);
          assert.ok(error.message.includes(part), error.message);
          return true;
        },
      );
    });
  }
}
