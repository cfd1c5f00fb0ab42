/** One worker that handles the messages of several requests: no turn is put below the request of another one. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, searchTraces, setTrackingUri, stats, withSpan, withTraceContext } from "mlflow-ag2";
import { turn as nextTask } from "./tree.js";

interface Message {
  role: string;
  content: string;
}

class EchoAgent {
  readonly name = "echo";

  async generateReply([message]: readonly Message[]): Promise<string> {
    await nextTask();
    return `re ${message!.content}`;
  }
}

interface Waiting {
  message: Message;
  resolve(reply: string): void;
}

/** Starts a worker with the first message, which handles all that come meanwhile. */
class Queue {
  readonly #agent = new EchoAgent();
  readonly #waiting: Waiting[] = [];
  readonly #copy: (message: Message) => Message;
  #isBusy = false;

  constructor(copy: (message: Message) => Message = (message) => message) {
    this.#copy = copy;
  }

  sendMessage(message: Message): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push({ message: this.#copy(message), resolve });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      next.resolve(await this.#agent.generateReply([next.message]));
    this.#isBusy = false;
  }
}

/** Starts its worker itself, before there is any message. */
class EarlyQueue {
  readonly #agent = new EchoAgent();
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  constructor() {
    void this.#work();
  }

  post(message: Message): Promise<string> {
    return new Promise((resolve) => this.#waiting.push({ message, resolve }));
  }

  close(): void {
    this.#isClosed = true;
  }

  async #work(): Promise<void> {
    while (!this.#isClosed) {
      const next = this.#waiting.shift();
      if (next !== undefined) next.resolve(await this.#agent.generateReply([next.message]));
      await nextTask();
    }
  }
}

before(() => {
  setTrackingUri("memory:");
  autolog({ library: { EchoAgent, Runtime: Queue, MessageBus: EarlyQueue } });
});
after(() => {
  autolog({ disable: true });
  assert.equal(stats().hookFailures, 0);
  assert.equal(stats().open, 0);
});

/** Three requests at once; returns for each turn the request that it is below, if any, and its message. */
async function requests(send: (message: Message) => Promise<string>, text = "from"): Promise<string[]> {
  const known = new Set((await searchTraces()).traces.map(({ info }) => info.traceId));
  const request = (who: string): Promise<string> =>
    withSpan(() => send({ role: "user", content: text === "from" ? `from ${who}` : text }), { name: who });
  await Promise.all(["A", "B", "C"].map(request));
  const { traces } = await searchTraces();
  return traces
    .filter(({ info }) => !known.has(info.traceId))
    .flatMap(({ data: { spans } }) =>
      spans
        .filter(({ spanType }) => spanType === "AGENT")
        .map(({ parentId, inputs }) => {
          const parent = spans.find(({ spanId }) => spanId === parentId);
          return `${parent?.name ?? "detached"}: ${(inputs as { messages: Message[] }).messages[0]!.content}`;
        }),
    )
    .sort();
}

const RIGHT = ["A: from A", "B: from B", "C: from C"];

describe("a turn is below the request of its message", () => {
  test("where the worker is part of the first request", async () => {
    const queue = new Queue();
    assert.deepEqual(await requests((message) => queue.sendMessage(message)), RIGHT);
  });

  test("where the worker belongs to no request", async () => {
    const queue = new EarlyQueue();
    assert.deepEqual(await requests((message) => queue.post(message)), RIGHT);
    queue.close();
  });

  test("where the queue holds copies of the messages, by their texts", async () => {
    const queue = new Queue((message) => ({ ...message }));
    assert.deepEqual(await requests((message) => queue.sendMessage(message)), RIGHT);
  });

  test("where the messages are equal and not the same", async () => {
    const queue = new Queue();
    assert.deepEqual(await requests((message) => queue.sendMessage(message), "hello"), [
      "A: hello",
      "B: hello",
      "C: hello",
    ]);
  });
});

test("a turn whose message may be that of several requests is detached and counted", async () => {
  const { detached } = stats();
  const queue = new Queue((message) => ({ ...message }));
  const turns = await requests((message) => queue.sendMessage(message), "hello");
  assert.deepEqual(turns, ["A: hello", "detached: hello", "detached: hello"]);
  assert.equal(stats().detached, detached + 2);
});

test("a turn without a span around its request has the user of that request", async () => {
  const queue = new Queue();
  const known = new Set((await searchTraces()).traces.map(({ info }) => info.traceId));
  const request = (who: string): Promise<string> =>
    withTraceContext({ userId: who }, () => queue.sendMessage({ role: "user", content: `from ${who}` }));
  await Promise.all([...["A", "B", "C"].map(request), queue.sendMessage({ role: "user", content: "from D" })]);
  const { traces } = await searchTraces();
  const seen = traces
    .filter(({ info }) => !known.has(info.traceId))
    .map(({ info, data: { spans } }) => {
      const { messages } = spans[0]!.inputs as { messages: Message[] };
      return `${info.traceMetadata["mlflow.trace.user"]}: ${messages[0]!.content}`;
    });
  assert.deepEqual(seen.sort(), ["A: from A", "B: from B", "C: from C", "undefined: from D"]);
});
