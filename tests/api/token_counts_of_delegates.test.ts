/** Token counts are counted once where an object repeats those of the client that it calls. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, wrapModelClient } from "mlflow-ag2";
import { lastTrace } from "../third_party/traces.js";
import { completion, counts, piece, request } from "./usage_shapes.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => autolog({ disable: true }));

describe("counts that a delegate repeats", () => {
  const usage = counts(12, 5, 17);
  const repeated = { usage_metadata: { input_tokens: 12, output_tokens: 5, total_tokens: 17 } };
  const total = async (): Promise<number | undefined> => (await lastTrace()).info.tokenUsage?.total_tokens;
  const innermost = wrapModelClient({ create: async (_: object) => Promise.resolve(completion(usage)) });

  test("are those of the client, whatever the names under which each level repeats them", async () => {
    const middle = wrapModelClient({
      generate: async (_: unknown) => {
        await innermost.create(request);
        return { generations: [{ text: "ok" }], llmOutput: { tokenUsage: { promptTokens: 12, completionTokens: 5 } } };
      },
    });
    const outer = wrapModelClient({
      invoke: async (_: unknown) => {
        await middle.generate(request.messages);
        return { content: "ok", ...repeated };
      },
    });
    for (let call = 0; call < 3; call += 1) {
      await outer.invoke(request.messages);
      const { spans } = (await lastTrace()).data;
      assert.deepEqual(
        spans.map((span) => span.getAttribute("mlflow.chat.tokenUsage") !== undefined),
        [false, false, true],
      );
      assert.equal(await total(), 17);
      assert.deepEqual((spans[0]!.outputs as typeof repeated).usage_metadata, repeated.usage_metadata);
    }
  });

  test("are those of the delegate where its client reports none", async () => {
    const silent = wrapModelClient({ create: async (_: object) => Promise.resolve(completion(undefined)) });
    const outer = wrapModelClient({
      invoke: async (_: unknown) => {
        await silent.create(request);
        return { content: "ok", ...repeated };
      },
    });
    await outer.invoke(request.messages);
    assert.equal(await total(), 17);
  });

  test("are those of each of the client's calls where the delegate repeats their sum", async () => {
    const outer = wrapModelClient({
      invoke: async (_: unknown) => {
        await innermost.create(request);
        await innermost.create(request);
        return { content: "ok", usage: counts(24, 10, 34) };
      },
    });
    await outer.invoke(request.messages);
    assert.equal(await total(), 34);
  });

  test("are counted once in streams, too", async () => {
    async function* stream(): AsyncGenerator {
      yield await Promise.resolve(piece("ok"));
      yield { choices: [], usage };
    }
    const client = wrapModelClient({ create: async (_: object) => Promise.resolve(stream()) });
    const outer = wrapModelClient({
      async *stream(_: unknown): AsyncGenerator {
        for await (const each of await client.create(request)) yield each;
        yield { content: "", ...repeated };
      },
    });
    for await (const _ of outer.stream(request.messages));
    assert.equal(await total(), 17);
  });
});
