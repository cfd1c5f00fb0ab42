/** Calls that return promises of other kinds: their end is recorded, and nothing else changes. */

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { autolog, setTrackingUri, stats, wrapAgent } from "mlflow-ag2";
import { lastTrace, outline, agentOutputs } from "../third_party/traces.js";

before(() => setTrackingUri("memory:"));
beforeEach(() => {
  autolog();
  assert.equal(stats().open, 0);
});
afterEach(() => assert.equal(stats().hookFailures, 0));

function reply<Given>(given: Given): Given {
  return (wrapAgent({ name: "some", generateReply: () => given }) as { generateReply(): Given }).generateReply();
}

async function assertOutput(words: string): Promise<void> {
  assert.deepEqual(agentOutputs(await lastTrace()), [`some: undefined/null -> some/${words}`]);
  assert.equal(stats().open, 0);
}

describe("a promise", () => {
  test("of a class of its own keeps its methods, and begins its work only when it is waited for", async () => {
    const began: string[] = [];
    class Lazy<T> extends Promise<T> {
      #work: (() => Promise<T>) | undefined;
      static of<T>(work: () => Promise<T>): Lazy<T> {
        const lazy = new Lazy<T>((resolve) => resolve(undefined as T));
        lazy.#work = work;
        return lazy;
      }
      static override get [Symbol.species](): PromiseConstructor {
        return Promise;
      }
      override then<A = T, B = never>(
        onValue?: ((value: T) => A | PromiseLike<A>) | null,
        onError?: ((error: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        began.push("work");
        return this.#work!().then(onValue, onError);
      }
      describe(): string {
        return "lazy";
      }
    }
    const lazy = reply(Lazy.of(async () => "done"));
    assert.equal(lazy.describe(), "lazy");
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(began, []);
    assert.equal(await lazy, "done");
    assert.deepEqual(began, ["work"]);
    await assertOutput("done");
    const error = new Error("no");
    await assert.rejects(reply(Lazy.of(() => Promise.reject(error))), (thrown) => thrown === error);
    assert.deepEqual(outline(await lastTrace()), ["AGENT some ERROR"]);
  });

  test("that is merely a thenable is called only by the program", async () => {
    let asked = 0;
    const thenable = {
      then(onValue: (value: string) => void): void {
        asked += 1;
        onValue("done");
      },
    };
    assert.equal(reply(thenable), thenable);
    assert.equal(asked, 0);
    assert.equal(await thenable, "done");
    assert.equal(asked, 1);
    await assertOutput("done");
  });

  test("that is not awaited is recorded to its end all the same", async () => {
    const agent = wrapAgent({ name: "some", generateReply: async () => "unheard" });
    void agent.generateReply();
    void reply(Promise.resolve("unheard too"));
    while (stats().open > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await assertOutput("unheard too");
  });

  test("that is returned repeatedly is one promise", async () => {
    const promise = Promise.resolve("same");
    const agent = wrapAgent({ name: "some", generateReply: () => promise });
    const { traces } = stats();
    assert.equal(agent.generateReply(), promise);
    assert.equal(agent.generateReply(), promise);
    await promise;
    assert.equal(agent.generateReply(), promise);
    await promise;
    assert.equal(stats().traces, traces + 3);
    assert.equal(Object.hasOwn(promise, "constructor"), false);
  });
});
