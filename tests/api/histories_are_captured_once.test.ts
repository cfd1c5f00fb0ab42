/** Growing histories are captured message by message, with the result of `JSON.stringify` at that time. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getTrace, setTrackingUri, startSpan, type LiveSpan } from "mlflow-ag2";

setTrackingUri("memory:");

type Message = Record<string, unknown>;

/** Records a span with these inputs; gives its id. */
function call(root: LiveSpan, inputs: unknown): string {
  const span = startSpan({ name: "call", inputs, parent: root });
  span.end();
  return span.spanId;
}

/** Numbers below `limit` from a seed that repeats them. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A message of any of the kinds that conversations are made of. */
function message(random: (limit: number) => number): Message {
  const text = `number ${random(1000)} "quoted" \n ünïcode`;
  switch (random(6)) {
    case 0:
      return {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: `call_${random(9)}`, type: "function", function: { name: "f", arguments: `{"a":${random(9)}}` } },
        ],
      };
    case 1:
      return { role: "tool", tool_call_id: `call_${random(9)}`, content: text };
    case 2:
      return {
        role: "user",
        content: [
          { type: "text", text },
          { type: "image_url", image_url: { url: "data:," } },
        ],
      };
    case 3:
      return { content: text, role: "user", name: `agent ${random(4)}` };
    case 4:
      return { content: text, role: "user" };
    default:
      return { role: random(2) === 0 ? "user" : "assistant", content: text };
  }
}

/** What getters see. */
let stepNow = 0;

/** Things that programs do to a history between two calls. Some make a message one that cannot be remembered. */
const changes: readonly ((history: Message[], at: number, random: (limit: number) => number) => void)[] = [
  (history, at) => void (history[at]!["content"] = "changed in place"),
  (history, at, random) => void (history[at] = message(random)),
  (history, at) => void delete history[at]!["content"],
  (history, at, random) => void (history[at]![`extra ${random(3)}`] = random(5)),
  (history, at) => void (history[at]!["nothing"] = undefined),
  (history, at) => {
    const { role, ...rest } = history[at]!;
    history[at] = { ...rest, role };
  },
  (history, at) => {
    const calls = history[at]!["tool_calls"] as { function: { arguments: string } }[] | undefined;
    if (calls?.[0] !== undefined) calls[0].function.arguments += " ";
  },
  (history, at) => {
    const parts = history[at]!["content"];
    if (Array.isArray(parts)) parts.push({ type: "text", text: "one more" });
  },
  (history, at) => void Object.freeze(history[at]),
  (history, at) => void (history[at] = new Proxy({ ...history[at] }, {})),
  (history, at) =>
    void (history[at] = Object.defineProperty({ role: "user" }, "content", {
      enumerable: true,
      get: () => `at step ${stepNow}`,
    })),
  (history, at, random) => {
    const value = random(9);
    history[at] = { ...history[at], toJSON: () => ({ value }) };
  },
  (history, at) => void Object.defineProperty({ ...history[at] }, "toJSON", { value: () => "hidden" }),
  (history, at) => void history.splice(at, 1),
  (history, at, random) => void history.splice(at, 0, message(random)),
  (history, at) => void (history.length = at + 1),
  (history, at) => void history.push(history[at]!),
  (history, at) => void (history[at] = { ...history[at] }),
  (history) => history.forEach((_, at) => (history[at] = { ...history[at] })),
];

describe("a history that is captured again and again", () => {
  it("is recorded as JSON.stringify would have written it each time, whatever changed in between", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed);
      const root = startSpan({ name: "chat", parent: null });
      const histories: Message[][] = [[message(random)], [message(random)]];
      const expected = new Map<string, string>();
      for (let step = 0; step < 40; step++) {
        stepNow = step;
        const history = histories[random(2)]!;
        history.push(random(5) === 0 ? histories[random(2)]![0]! : message(random));
        if (random(3) === 0) {
          try {
            changes[random(changes.length)]!(history, random(history.length), random);
          } catch {
            // A frozen message refuses the change, which is as good a state as any.
          }
        }
        const inputs =
          random(3) === 0
            ? history
            : { model: "m", messages: random(2) === 0 ? history : [...history], temperature: 0.5, tools: histories[0] };
        expected.set(call(root, inputs), JSON.stringify(inputs));
      }
      root.end();
      const spans = (await getTrace(root.traceId))?.data.spans ?? [];
      const recorded = new Map(
        spans.filter(({ name }) => name === "call").map(({ spanId, inputs }) => [spanId, JSON.stringify(inputs)]),
      );
      assert.deepEqual(recorded, expected, `seed ${seed}`);
    }
  });

  it("is turned into text message by message, each once, however often it is captured", () => {
    const root = startSpan({ name: "chat", parent: null });
    const history: Message[] = Array.from({ length: 200 }, (_, at) => ({ role: "user", content: `message ${at}` }));
    call(root, { model: "m", messages: history });
    const { stringify } = JSON;
    let characters = 0;
    JSON.stringify = ((value: unknown, ...rest: []) => {
      const text = stringify(value, ...rest);
      characters += text?.length ?? 0;
      return text;
    }) as typeof stringify;
    try {
      for (let turn = 0; turn < 10; turn++) {
        history.push({ role: "assistant", content: `answer ${turn}` });
        call(root, { model: "m", messages: [...history] });
      }
    } finally {
      JSON.stringify = stringify;
    }
    root.end();
    assert.ok(characters < 10 * 100, `${characters} characters for ten new messages of some forty`);
  });

  it("is recognised when the program copies it, message by message, for each call", () => {
    const root = startSpan({ name: "chat", parent: null });
    const history: Message[] = Array.from({ length: 50 }, (_, at) => ({ role: "user", content: `message ${at}` }));
    call(root, history);
    const { stringify } = JSON;
    let texts = 0;
    JSON.stringify = ((value: unknown, ...rest: []) => ((texts += 1), stringify(value, ...rest))) as typeof stringify;
    try {
      call(
        root,
        history.map((each) => ({ ...each })),
      );
    } finally {
      JSON.stringify = stringify;
    }
    root.end();
    assert.ok(texts < 5, `${texts} texts were made of a history that is known`);
  });

  it("is unchanged in its spans when the cache is cleared with the next trace", async () => {
    const history: Message[] = [{ role: "user", content: "first" }];
    const root = startSpan({ name: "one", parent: null, inputs: history });
    root.end();
    history[0]!["content"] = "second";
    const next = startSpan({ name: "two", parent: null, inputs: history });
    next.end();
    assert.deepEqual((await getTrace(root.traceId))?.data.spans[0]?.inputs, [{ role: "user", content: "first" }]);
    assert.deepEqual((await getTrace(next.traceId))?.data.spans[0]?.inputs, [{ role: "user", content: "second" }]);
  });

  it("is complete when the cache is cleared in the middle of a trace", async () => {
    const root = startSpan({ name: "chat", parent: null });
    const long = (at: number): Message => ({ role: "user", content: `${at} ${"x".repeat(1 << 20)}` });
    const messages = Array.from({ length: 9 }, (_, at) => long(at));
    call(root, messages);
    // The first list is the one that makes it too much, so that it is the second that meets it.
    const inputs = { messages: messages.map((_, at) => long(at + 100)), tools: [{ name: "a tool" }] };
    const id = call(root, inputs);
    root.end();
    const span = (await getTrace(root.traceId))?.data.spans.find(({ spanId }) => spanId === id);
    assert.deepEqual(span?.inputs, inputs);
  });
});
