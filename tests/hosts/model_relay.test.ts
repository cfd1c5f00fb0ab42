/** The relay for models of docs/relay: pages without a key use a model by it. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { projectRoot } from "../support/project.js";

interface ModelRelayModule {
  createModelRelay(settings: {
    fetch?: (url: string, init: RequestInit) => Promise<Response>;
    [name: string]: unknown;
  }): (request: Request) => Promise<Response>;
}

const MODULE = pathToFileURL(join(projectRoot, "docs", "relay", "model-relay.js")).href;

test("a relay for models adds the key, streams the answer, and forwards nothing else", async () => {
  const { createModelRelay } = (await import(MODULE)) as ModelRelayModule;
  const received: [string, string | null, Record<string, unknown>][] = [];
  const relay = createModelRelay({
    baseUrl: "https://models.example/v1/",
    key: "sk-relay-key",
    models: ["small"],
    maxTokens: 100,
    fetch: async (url, init) => {
      const { headers, body } = init as unknown as { headers: Record<string, string>; body: string };
      received.push([String(url), headers["authorization"] ?? null, JSON.parse(body) as Record<string, unknown>]);
      return received.length === 1
        ? new Response("data: 1\n\ndata: [DONE]\n\n", { headers: { "content-type": "text/event-stream" } })
        : new Response("wrong key sk-relay-key", { status: 401 });
    },
  });
  const ask = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    relay(
      new Request(`http://app.example/model${path}`, {
        method: "POST",
        headers: {
          host: "app.example",
          "content-type": "application/json",
          authorization: "Bearer none",
          ...headers,
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
  const good = { model: "small", messages: [], stream: true, max_tokens: 5000 };
  const streamed = await ask("/chat/completions", good, { origin: "http://app.example" });
  assert.equal(streamed.headers.get("content-type"), "text/event-stream");
  assert.match(await streamed.text(), /DONE/);
  assert.deepEqual(received, [
    ["https://models.example/v1/chat/completions", "Bearer sk-relay-key", { ...good, max_tokens: 100 }],
  ]);
  assert.equal(await (await ask("/chat/completions", good)).text(), "wrong key ***");
  const refused: [number, Promise<Response>][] = [
    [403, ask("/chat/completions", { ...good, model: "large" })],
    [403, ask("/chat/completions", { ...good, model: ["small"] })],
    [403, ask("/chat/completions", good, { origin: "https://evil.example" })],
    [404, ask("/chat/completions/", good)],
    [404, ask("/chat/completions?x=1", good)],
    [404, ask("/models", good)],
    [400, ask("/chat/completions", "[]")],
    [400, ask("/chat/completions", "{")],
    [415, ask("/chat/completions", good, { "content-type": "text/plain" })],
    [413, ask("/chat/completions", { ...good, messages: "x".repeat(2_000_001) })],
    [405, relay(new Request("http://app.example/model/chat/completions"))],
  ];
  for (const [status, response] of refused) assert.equal((await response).status, status);
  assert.equal(received.length, 2);
});

test("a stream may take longer than the response's headers, and ends with its caller", async () => {
  const { createModelRelay } = (await import(MODULE)) as ModelRelayModule;
  const signals: AbortSignal[] = [];
  const relayTo = (answer: Promise<Response>): ((caller: AbortSignal) => Promise<Response>) => {
    const relay = createModelRelay({
      baseUrl: "https://models.example/v1",
      key: "sk-relay-key",
      models: ["small"],
      fetch: async (_url, { signal }) => {
        signals.push(signal!);
        const aborted = new Promise<never>((_, reject) =>
          signal!.addEventListener("abort", () => reject(new Error("aborted"))),
        );
        return Promise.race([answer, aborted]);
      },
    });
    return (caller) =>
      relay(
        new Request("http://app.example/model/chat/completions", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"model":"small"}',
          signal: caller,
        }),
      );
  };
  const sent = async (): Promise<void> => {
    while (signals.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const caller = new AbortController();
    const stream = new Response(new ReadableStream());
    assert.equal((await relayTo(Promise.resolve(stream))(caller.signal)).status, 200);
    mock.timers.tick(100_000);
    assert.equal(signals[0]?.aborted, false);
    caller.abort();
    assert.equal(signals.pop()?.aborted, true);

    const late = relayTo(new Promise(() => undefined))(new AbortController().signal);
    await sent();
    mock.timers.tick(100_000);
    assert.deepEqual(await (await late).json(), {
      error_code: "upstream_timeout",
      message: "the relay's server does not answer in time",
      error: { code: "upstream_timeout", message: "the relay's server does not answer in time", type: "relay" },
    });
  } finally {
    mock.timers.reset();
  }
});
