/** Values that are too much, or not what they seem: each goes through a span to the server. */

import * as mlflow from "mlflow-ag2";
import { report, settings } from "./host.js";

const { trackingUri, experiment } = settings();

/** What only pages have; nothing elsewhere. */
interface Page {
  document?: { createElement(name: string): { id: string; append(...children: unknown[]): void } } & object;
  window?: object;
}

const nested = (levels: number, wrap: (inside: unknown) => unknown): unknown => {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
};

const VALUES: Record<string, () => unknown> = {
  "a cycle": () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle["self"] = cycle;
    return cycle;
  },
  "50 MB of text": () => "x".repeat(50_000_000),
  "a million keys": () => Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`k${index}`, index])),
  "a million items": () => new Array<number>(1_000_000).fill(1.5),
  "ten thousand lists": () => nested(10_000, (inside) => [inside]),
  "ten thousand objects": () => nested(10_000, (inside) => ({ inside })),
  "a BigInt": () => ({ big: 2n ** 100n }),
  "a getter and a toJSON that throw": () => ({
    get broken(): never {
      throw new Error("getter");
    },
    json: {
      toJSON() {
        throw new Error("toJSON");
      },
    },
  }),
  "a proxy whose traps throw": () => {
    const trap = (): never => {
      throw new Error("trap");
    };
    return { proxy: new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap, has: trap }) };
  },
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return { proxy };
  },
  "lone surrogates": () => ({ text: "a\ud800b", ["key\udfff"]: "\ude00\ud83d" }),
  "a lone surrogate alone": () => "\ud800",
  "a zero character": () => ({ text: "zero \0 inside" }),
  "odd numbers": () => [Number.NaN, Number.POSITIVE_INFINITY, -0, Number.MAX_SAFE_INTEGER, 5e-324],
  NaN: () => Number.NaN,
  __proto__: () => JSON.parse('{"__proto__": {"a": 1}, "b": [{"__proto__": null}]}') as unknown,
  "functions and symbols": () => [() => 1, class Named {}, Symbol("s")],
  bytes: () => [new Uint8Array(3), new ArrayBuffer(2), new Blob(["abc"], { type: "text/plain" })],
  errors: () => {
    const error = new Error("outer", { cause: new RangeError("inner") });
    (error.cause as Error).cause = error;
    return [error, new AggregateError([error], "several")];
  },
  collections: () => [
    new Map([["a", 1]]),
    new Map([[{}, 1]]),
    new Set([1]),
    new WeakMap(),
    new Date(0),
    new Date(Number.NaN),
    /x/g,
    new URL("http://localhost/"),
    Promise.resolve(1),
  ],
  "boxed values": (): unknown[] => [new Number(1), new String("s"), new Boolean(true), Object(1n)],
  "a list with holes": () => Object.assign([1, , 3], { extra: "not an item" }),
  "an instance": () =>
    new (class Instance {
      field = 1;
      readonly #hidden = 2;
      get sum(): number {
        return this.field + this.#hidden;
      }
    })(),
  "what grows the more one looks": () => {
    const grow = (): object => ({
      get left() {
        return grow();
      },
      get right() {
        return grow();
      },
    });
    return grow();
  },
  "the global object": () => ({ global: (globalThis as Page).window ?? "none" }),
  "nodes of a page": () => {
    const { document } = globalThis as Page;
    if (document === undefined) return "none";
    const node = document.createElement("div");
    node.id = "box";
    node.append("text", document.createElement("p"));
    return {
      node,
      document,
      reactLike: Object.assign(document.createElement("span"), { __fiber: { node, self: globalThis } }),
    };
  },
};

// Less than the default, for the server's sake, which stores each of them three times.
mlflow.init({
  trackingUri,
  experimentName: experiment,
  maxTextCharacters: 100_000,
  maxValueCharacters: 200_000,
  maxValueItems: 5_000,
});

const seen: Record<string, { traceId: string; inputs: unknown }> = {};
for (const [what, make] of Object.entries(VALUES)) {
  const span = mlflow.startSpan({ name: what, inputs: make(), attributes: { value: make() } });
  span.addEvent({ name: "event", attributes: { value: what === "50 MB of text" ? "" : make() } });
  span.end({ outputs: make() });
  const held = await mlflow.getTrace(span.traceId);
  const [first] = held?.data.spans ?? [];
  const isLarge = what.startsWith("50 MB") || what.startsWith("a million") || what.startsWith("what grows");
  seen[what] = { traceId: span.traceId, inputs: isLarge ? "large" : first?.inputs };
}
await mlflow.flush({ timeoutMs: 60_000 });
report({ seen, stats: mlflow.stats() });
