/** Cases of which all but the first fail, to check that failures in hosts are reported. */

import assert from "node:assert/strict";
import { test } from "node:test";

test("it is right", async () => {
  // `assert` is as strict as Node's in every host.
  for (const [one, other] of [
    [1, "1"],
    [[undefined], [null]],
    [{ a: undefined }, {}],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [[], {}],
    [0, -0],
    [new (class A {})(), {}],
  ]) {
    assert.throws(() => assert.deepEqual(one, other), assert.AssertionError);
  }
  assert.throws(() => assert.equal(Number.NaN, 0), assert.AssertionError);
  assert.equal(Number.NaN, Number.NaN);
  assert.throws(() => assert.match("abc", /d/), assert.AssertionError);
  await assert.rejects(assert.rejects(Promise.resolve()), assert.AssertionError);
  await assert.rejects(assert.rejects(Promise.reject(new Error("one")), { message: /other/ }), assert.AssertionError);
  await assert.rejects(assert.rejects(Promise.reject(new Error("one")), TypeError));
  await assert.rejects(assert.rejects(Promise.reject(new Error("one")), (error) => error === 1));
  assert.throws(() => assert.throws(() => undefined), assert.AssertionError);
  assert.throws(() => assert.fail("for good"), { message: "for good" });
});

test("it is not equal", () => {
  assert.deepEqual({ one: 1 }, { one: 2 }, "the reason why it is not equal");
});

test("its rejection is unhandled", async () => {
  void Promise.reject(new Error("the reason why its rejection is unhandled"));
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
});

test("it throws later", async () => {
  await Promise.resolve();
  throw new TypeError("the reason why it throws later");
});
