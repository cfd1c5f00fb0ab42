/** Failures of Anthropic's models, by the real package `@anthropic-ai/sdk`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { AgentError, APIError, OpenAIWrapper } from "mlflow-ag2/agents";
import { AnthropicClient } from "mlflow-ag2/agents/anthropic";
import { setPrinter } from "mlflow-ag2/agents/console";
import { countingFetch, json, streamed } from "./model_server.js";
import { MODEL, text, HELLO, event, events, serve, client } from "./anthropic_fixtures.js";

setPrinter(() => {});

test("an error is an APIError, the key does not show, and the next model is tried", async () => {
  const { baseUrl } = await serve(
    json(429, { type: "error", error: { type: "rate_limit_error", message: "secret-key-1 is too fast." } }),
  );
  const good = await serve(HELLO);
  const refused = client(baseUrl, { maxRetries: 0 });
  const messages = [{ role: "user", content: "Hello?" }];
  await assert.rejects(new OpenAIWrapper({ model: MODEL, client: refused }).create({ messages }), (error) => {
    assert.ok(error instanceof APIError && error.cause instanceof Anthropic.RateLimitError);
    assert.deepEqual([error.name, error.status, error.type], ["RateLimitError", 429, "rate_limit_error"]);
    assert.equal(error.message, "the model server answered 429: *** is too fast.");
    return true;
  });
  const configList = [{ client: refused }, { client: client(good.baseUrl) }];
  const { choices } = await new OpenAIWrapper({ model: MODEL, configList }).create({ messages });
  assert.equal(choices[0]?.message.content, "Hello.");
});

test("transient failures are retried, and a server out of reach is one", async () => {
  const overloaded = json(
    529,
    { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    {
      "retry-after-ms": "1",
    },
  );
  const { baseUrl } = await serve(overloaded, HELLO);
  const counter = countingFetch();
  const messages = [{ role: "user", content: "Hello?" }];
  await new OpenAIWrapper({ model: MODEL, client: client(baseUrl, { fetch: counter.fetch }) }).create({ messages });
  assert.equal(counter.tries, 2);

  const broken = await serve((reply) => reply.destroy());
  await assert.rejects(
    new OpenAIWrapper({ model: MODEL, client: client(broken.baseUrl, { maxRetries: 0 }) }).create({ messages }),
    { name: "APIConnectionError", code: "connection_error" },
  );
});

test("a stream that breaks off or reports an error fails", async () => {
  const whole = events([{ start: text(""), deltas: [{ type: "text_delta", text: "Hel" }] }]);
  const failure = event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
  const { baseUrl } = await serve(streamed(whole.slice(0, 4)), streamed([...whole.slice(0, 4), failure]));
  const wrapper = new OpenAIWrapper({ model: MODEL, stream: true, client: client(baseUrl, { maxRetries: 0 }) });
  const messages = [{ role: "user", content: "Hello?" }];
  await assert.rejects(wrapper.create({ messages }), { name: "APIConnectionError", message: /broke its answer off/ });
  await assert.rejects(wrapper.create({ messages }), { type: "overloaded_error", message: /Overloaded/ });
});

test("a signal ends a call and a stream with its own reason", async () => {
  for (const stream of [false, true]) {
    const reason = new Error("enough");
    const controller = new AbortController();
    const { baseUrl } = await serve((reply, request) => {
      if (!stream) return controller.abort(reason);
      const start = events([{ start: text(""), deltas: [{ type: "text_delta", text: "Hel" }] }]).slice(0, 4);
      return streamed(start, { isOpen: true })(reply, request);
    });
    const own = client(baseUrl);
    await assert.rejects(
      own.create(
        { model: MODEL, messages: [{ role: "user", content: "Hello?" }], stream },
        { signal: controller.signal, onChunk: () => controller.abort(reason) },
      ),
      (error) => error === reason,
    );
  }
});

test("mistakes in the setup are named", () => {
  const refused = (options: object, message: RegExp): void =>
    assert.throws(
      () => new AnthropicClient(options),
      (error) => error instanceof AgentError && message.test(error.message),
    );
  refused({ api_key: "k" }, /`api_key` is no option of `\w+`: did you mean `apiKey`/);
  refused({ client: {} }, /`client` must be a client of `@anthropic-ai\/sdk`, with `messages\.create`/);
  refused({ client: { messages: { create: () => 0 } }, baseUrl: "x" }, /`baseUrl` and `client` exclude/);
  refused({ apiKey: "k", baseUrl: "https://a:b@c.d" }, /password/);
  assert.throws(() => new OpenAIWrapper({ model: MODEL, apiType: "anthropic" }), {
    code: "not_supported",
    message: /`client: new AnthropicClient\(\{ … \}\)`, of `mlflow-ag2\/agents\/anthropic`/,
  });
});
