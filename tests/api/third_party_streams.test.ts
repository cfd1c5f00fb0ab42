/** Calls that return iterators and streams: their end is recorded, and nothing else changes. */

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { autolog, setTrackingUri, stats, wrapAgent, wrapModelClient } from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
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

const assertFailed = async (): Promise<void> => assert.deepEqual(outline(await lastTrace()), ["AGENT some ERROR"]);

async function* words(...given: string[]): AsyncGenerator<string> {
  yield* given;
}

describe("a stream that is aborted in the middle", () => {
  const error = new Error("aborted");
  const pieces = (count: number): object[] =>
    Array.from({ length: count }, (_, index) => ({
      id: "c",
      object: "chat.completion.chunk",
      model: "m",
      choices: [{ index: 0, delta: { content: `word${index} ` }, finish_reason: null }],
    }));
  const assertPart = async (): Promise<void> => {
    while (stats().open > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const span = (await lastTrace()).data.spans.at(-1)!;
    assert.deepEqual([span.status.code, span.status.description], ["ERROR", "aborted"]);
    assert.match(JSON.stringify(span.outputs), /word0 word1 word2 /);
    assert.doesNotMatch(JSON.stringify(span.outputs), /word3/);
  };
  const create = <Stream>(stream: () => Stream): Stream =>
    wrapModelClient({ chat: { completions: { create: (_request: object) => stream() } } }).chat.completions.create({
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "count" }],
    });
  const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
    await assert.rejects(async () => {
      for await (const _ of stream);
    }, error);
  };

  test("keeps the pieces of an async generator", async () => {
    await drain(
      create(async function* () {
        yield* pieces(3);
        throw error;
      }),
    );
    await assertPart();
  });

  test("keeps the pieces of an async iterable", async () => {
    const left = pieces(3);
    const iterable = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const value = left.shift();
          if (value === undefined) throw error;
          return { done: false, value };
        },
      }),
    };
    await drain(create(() => iterable as AsyncIterable<unknown>));
    await assertPart();
  });

  test("keeps the pieces of a promised stream", async () => {
    const stream = create(async () =>
      (async function* () {
        yield* pieces(3);
        throw error;
      })(),
    );
    await drain(await stream);
    await assertPart();
  });

  test("keeps the pieces of a readable stream", async () => {
    const readable = (): ReadableStream => {
      const left = pieces(3);
      return new ReadableStream({
        pull(controller) {
          const value = left.shift();
          if (value === undefined) controller.error(error);
          else controller.enqueue(value);
        },
      });
    };
    await drain(create(readable));
    await assertPart();
    const reader = create(readable).getReader();
    for (let read = 0; read < 3; read++) await reader.read();
    await assert.rejects(reader.read(), error);
    await assertPart();
  });

  test("keeps the pieces of a sync generator", async () => {
    const stream = create(function* () {
      yield* pieces(3);
      throw error;
    });
    assert.throws(() => [...stream], error);
    await assertPart();
  });

  test("keeps the words of a reply", async () => {
    await drain(
      reply(
        (async function* () {
          yield* ["word0 ", "word1 ", "word2 "];
          throw error;
        })(),
      ),
    );
    await assertPart();
  });

  test("keeps the pieces of our own agents' streams", async () => {
    const client = new ScriptedModel({ responses: [{ content: "One, two, three, four.", drop_after_chunks: 3 }] });
    const llmConfig = { configList: [{ model: "m", client, stream: true, maxRetries: 0 }] };
    const bot = new ConversableAgent({ name: "bot", llmConfig, humanInputMode: "NEVER" });
    const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
    await assert.rejects(user.initiateChat(bot, { message: "count", maxTurns: 1, silent: true }));
    const span = (await lastTrace()).data.spans.find(
      ({ spanType }) => spanType === "LLM" || spanType === "CHAT_MODEL",
    )!;
    assert.equal(span.status.code, "ERROR");
    assert.match(JSON.stringify(span.outputs), /One/);
    assert.doesNotMatch(JSON.stringify(span.outputs), /four/);
  });

  test("is no error if its reader leaves it early", async () => {
    let count = 0;
    for await (const _ of create(async function* () {
      yield* pieces(9);
    }))
      if ((count += 1) === 3) break;
    const span = (await lastTrace()).data.spans[0]!;
    assert.equal(span.status.code, "OK");
    assert.match(JSON.stringify(span.outputs), /word0 word1 word2 /);
  });

  test("fails without outputs if nothing had come", async () => {
    await drain(
      create(async function* () {
        yield* pieces(0);
        throw error;
      }),
    );
    assert.equal((await lastTrace()).data.spans[0]!.outputs, undefined);
  });
});

describe("a generator", () => {
  test("that is left early records the chunks so far, and is closed as usual", async () => {
    let isClosed = false;
    async function* generate(): AsyncGenerator<string> {
      try {
        yield "one ";
        yield "two ";
        yield "three ";
      } finally {
        isClosed = true;
      }
    }
    for await (const word of reply(generate())) if (word === "two ") break;
    assert.equal(isClosed, true);
    await assertOutput("one two ");
  });

  test("that fails throws the same error to its reader", async () => {
    const error = new Error("dry");
    async function* generate(): AsyncGenerator<string> {
      yield "one";
      throw error;
    }
    const generator = reply(generate());
    await generator.next();
    await assert.rejects(generator.next(), (thrown) => thrown === error);
    await assertFailed();
  });

  test("is delegated to by another one, and gets the sent values", async () => {
    const received: string[] = [];
    async function* generate(): AsyncGenerator<string, string, string> {
      received.push(yield "one ");
      received.push(yield "two ");
      return "end";
    }
    const generator = reply(generate());
    async function* outer(): AsyncGenerator<string, string, string> {
      return yield* generator;
    }
    const passing = outer();
    await passing.next();
    await passing.next("a");
    assert.deepEqual(await passing.next("b"), { done: true, value: "end" });
    assert.deepEqual(received, ["a", "b"]);
    await assertOutput("end");
  });

  test("that is thrown into behaves as usual", async () => {
    async function* generate(): AsyncGenerator<string> {
      try {
        yield "one ";
      } catch (error) {
        yield `caught ${(error as Error).message}`;
      }
    }
    const generator = reply(generate());
    await generator.next();
    assert.deepEqual(await generator.throw(new Error("it")), { done: false, value: "caught it" });
    await generator.next();
    await assertOutput("one caught it");
  });

  test("may be sync", async () => {
    function* generate(): Generator<string> {
      yield "one ";
      yield "two";
    }
    assert.deepEqual([...reply(generate())], ["one ", "two"]);
    await assertOutput("one two");
  });

  test("runs what it does inside of its turn", async () => {
    const agent = wrapAgent({
      name: "host",
      async *generateReply(): AsyncGenerator<string> {
        yield "a";
        yield String(await this.executeTool("clock", {}));
      },
      executeTool: async (_name: string, _args: object) => "b",
    });
    for await (const _ of agent.generateReply());
    assert.deepEqual(outline(await lastTrace()), ["AGENT host", "  TOOL clock"]);
  });

  test("may come by a promise", async () => {
    const generator = await reply(Promise.resolve(words("one ", "two")));
    const all: string[] = [];
    for await (const word of generator) all.push(word);
    assert.deepEqual(all, ["one ", "two"]);
    await assertOutput("one two");
  });
});

describe("an async iterable", () => {
  test("is iterated as usual, and recorded at its end", async () => {
    const iterable = reply({ label: "kept", [Symbol.asyncIterator]: () => words("one ", "two") });
    assert.equal(iterable.label, "kept");
    const all: string[] = [];
    for await (const word of iterable) all.push(word);
    assert.deepEqual(all, ["one ", "two"]);
    await assertOutput("one two");
  });

  test("that is frozen is returned unchanged", async () => {
    const iterable = Object.freeze({ [Symbol.asyncIterator]: () => words("one") });
    const before = iterable[Symbol.asyncIterator];
    assert.equal(reply(iterable)[Symbol.asyncIterator], before);
    for await (const word of iterable) assert.equal(word, "one");
    assert.equal(stats().open, 0);
  });
});

describe("a readable stream", () => {
  const stream = (...pieces: string[]): ReadableStream<string> =>
    new ReadableStream({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });

  test("is read by a reader", async () => {
    const reader = reply(stream("one ", "two")).getReader();
    const all: unknown[] = [];
    for (let step = await reader.read(); !step.done; step = await reader.read()) all.push(step.value);
    assert.deepEqual(all, ["one ", "two"]);
    await assertOutput("one two");
  });

  test("is iterated", async () => {
    const all: string[] = [];
    for await (const piece of reply(stream("one ", "two"))) all.push(piece);
    assert.deepEqual(all, ["one ", "two"]);
    await assertOutput("one two");
  });

  test("is split, piped through and piped to", async () => {
    const [one, other] = reply(stream("one ", "two")).tee();
    const all: string[] = [];
    for await (const piece of one) all.push(piece);
    for await (const piece of other) all.push(piece);
    assert.equal(all.join(""), "one twoone two");
    await assertOutput("one two");
    const loud = reply(stream("one ", "two")).pipeThrough(
      new TransformStream<string, string>({
        transform: (piece, controller) => controller.enqueue(piece.toUpperCase()),
      }),
    );
    for await (const _ of loud);
    await assertOutput("ONE TWO");
    const { traces } = stats();
    await reply(stream("one")).pipeTo(new WritableStream());
    assert.equal(stats().open, 0);
    assert.ok(stats().traces >= traces);
  });

  test("that is cancelled has ended", async () => {
    await reply(stream("one")).cancel();
    assert.equal(stats().open, 0);
  });
});
