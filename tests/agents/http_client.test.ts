/** The HTTP client, against a real server on this machine. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgentError,
  APIConnectionError,
  APIError,
  APITimeoutError,
  ConversableAgent,
  type LlmConfig,
  OpenAIClient,
  OpenAIWrapper,
} from "mlflow-ag2/agents";
import { goldenRequests } from "./golden.js";
import { countingFetch, json, startModelServer } from "./model_server.js";

const COMPLETION = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 1 } },
  x_extra: true,
};
const HELLO = json(200, COMPLETION);
const REFUSED = json(400, { error: { message: "No.", type: "invalid_request_error", code: "bad", param: "messages" } });
const TRY_AGAIN = (status: number) => json(status, { error: { message: "Not now." } }, { "retry-after-ms": "1" });
const REQUEST = { messages: [{ role: "user", content: "Hello?" }], model: "gpt-4o-mini", stream: false };

test("an agent's request reaches the server as Python's does", async () => {
  const { baseUrl, received } = await startModelServer(HELLO);
  const llmConfig: LlmConfig = { configList: [{ model: "gpt-4o-mini", apiKey: "test-key", baseUrl, maxRetries: 0 }] };
  const cathy = new ConversableAgent({
    name: "cathy",
    systemMessage: "Your name is Cathy and you are half of a comedy duo.",
    llmConfig,
    silent: true,
  });
  const joe = new ConversableAgent({ name: "joe", silent: true });

  const { summary } = await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 1 });

  assert.equal(summary, "Hello.");
  assert.equal(received[0]?.url, "/v1/chat/completions");
  assert.equal(received[0]?.headers.authorization, "Bearer test-key");
  assert.equal(received[0]?.headers["content-type"], "application/json");
  assert.equal(received[0]?.headers.accept, "application/json");
  assert.deepEqual(JSON.parse(received[0]?.body ?? ""), goldenRequests("two_agent_joke")[0]);
});

test("a completion gets the fields and the order that Python's client gives it", async () => {
  const { baseUrl } = await startModelServer(HELLO);

  const completion = await new OpenAIClient({ baseUrl }).create(REQUEST);

  assert.equal(
    JSON.stringify(completion),
    '{"id":"c1","choices":[{"finish_reason":"stop","index":0,"logprobs":null,' +
      '"message":{"content":"Hello.","refusal":null,"role":"assistant",' +
      '"annotations":null,"audio":null,"function_call":null,"tool_calls":null}}],' +
      '"created":1,"model":"gpt-4o-mini","object":"chat.completion",' +
      '"moderation":null,"service_tier":null,"system_fingerprint":null,' +
      '"usage":{"completion_tokens":2,"prompt_tokens":3,"total_tokens":5,"completion_tokens_details":null,' +
      '"prompt_tokens_details":{"audio_tokens":null,"cache_write_tokens":null,"cached_tokens":1}},"x_extra":true}',
  );
});

test("a transient failure is retried up to maxRetries times", async () => {
  const passing = await startModelServer(TRY_AGAIN(500), TRY_AGAIN(429), HELLO);
  await new OpenAIClient({ baseUrl: passing.baseUrl }).create(REQUEST);
  assert.equal(passing.received.length, 3);

  const lasting = await startModelServer(TRY_AGAIN(503));
  await assert.rejects(new OpenAIClient({ baseUrl: lasting.baseUrl, maxRetries: 1 }).create(REQUEST), {
    name: "InternalServerError",
    status: 503,
  });
  assert.equal(lasting.received.length, 2);
});

test("a rejection is not retried and has the server's message", async () => {
  const { baseUrl, received } = await startModelServer(REFUSED);

  await assert.rejects(new OpenAIClient({ baseUrl }).create(REQUEST), {
    name: "BadRequestError",
    status: 400,
    code: "bad",
    type: "invalid_request_error",
    param: "messages",
    message: "the model server answered 400: No.",
  });
  assert.equal(received.length, 1);
});

test("no error shows the key that a server repeats, nor its control characters", async () => {
  const apiKey = 'sk-0123456789"secret/+';
  const body = {
    message: `Incorrect API key provided: ${apiKey}, header Bearer ${apiKey}\u001b]0;owned\u0007\u202e\u009b2J`,
    type: `type ${apiKey}`,
    code: apiKey,
  };
  for (const answer of [json(401, { error: body }), json(200, { error: body })]) {
    const { baseUrl } = await startModelServer(answer);
    const error = await new OpenAIClient({ baseUrl, apiKey, maxRetries: 0 }).create(REQUEST).then(
      () => assert.fail("no error"),
      (reason: unknown) => reason as APIError,
    );
    const shown = [error.message, error.code, error.type].join();
    assert.equal(shown.includes("0123456789"), false, shown);
    assert.doesNotMatch(shown, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
});

test("if the name of an agent is rejected, the error names the fix", async () => {
  const refusal = (place: string): string =>
    `Invalid '${place}': string does not match pattern. ` +
    "Expected a string that matches the pattern '^[^\\s<|\\\\/>]+$'.";
  const refusing = async (place: string): Promise<string> => {
    const { baseUrl } = await startModelServer(json(400, { error: { message: refusal(place) } }));
    return new OpenAIClient({ baseUrl }).create(REQUEST).then(
      () => assert.fail(),
      (error: Error) => error.message,
    );
  };

  assert.equal(
    await refusing("messages[1].name"),
    `the model server answered 400: ${refusal("messages[1].name")} ` +
      "(the name is an agent's: rename it, with letters, digits, `_` and `-` only)",
  );
  assert.equal(
    await refusing("messages[0].something"),
    `the model server answered 400: ${refusal("messages[0].something")}`,
  );
});

test("the server's header x-should-retry decides about a retry", async () => {
  const never = await startModelServer(json(500, {}, { "x-should-retry": "false" }));
  await assert.rejects(new OpenAIClient({ baseUrl: never.baseUrl }).create(REQUEST), APIError);
  assert.equal(never.received.length, 1);

  const always = await startModelServer(json(400, {}, { "x-should-retry": "true", "retry-after-ms": "1" }), HELLO);
  await new OpenAIClient({ baseUrl: always.baseUrl }).create(REQUEST);
  assert.equal(always.received.length, 2);
});

test("a request with a Retry-After of minutes is not retried", async () => {
  const { baseUrl, received } = await startModelServer(json(429, {}, { "retry-after": "300" }));

  await assert.rejects(new OpenAIClient({ baseUrl }).create(REQUEST), { name: "RateLimitError" });
  assert.equal(received.length, 1);
});

test("a server that does not respond in time causes a timeout", async () => {
  const { baseUrl } = await startModelServer(() => {});
  const counter = countingFetch();

  await assert.rejects(
    new OpenAIClient({ baseUrl, timeoutMs: 30, maxRetries: 0, fetch: counter.fetch }).create(REQUEST),
    (error) => {
      assert.ok(error instanceof APITimeoutError);
      assert.equal(error.code, "timeout");
      assert.match(error.message, /within 30 ms: raise `timeoutMs`/);
      return true;
    },
  );
  assert.equal(counter.tries, 1);
});

test("a finished request leaves no timer", async () => {
  const { baseUrl } = await startModelServer(HELLO);
  const client = new OpenAIClient({ baseUrl, timeoutMs: 54_321 });
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  let begun = 0;
  const running = new Set<unknown>();
  const noting = (work: () => void, delayMs?: number): unknown => {
    const timer = set(work, delayMs);
    // The HTTP library may have its own timers.
    if (delayMs === 54_321) {
      running.add(timer);
      begun += 1;
    }
    return timer;
  };
  const forgetting = (timer: number): void => {
    running.delete(timer);
    clear(timer);
  };
  Object.assign(globalThis, { setTimeout: noting, clearTimeout: forgetting });
  try {
    for (let count = 0; count < 5; count++) await client.create(REQUEST);
  } finally {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }

  assert.ok(begun >= 5);
  assert.equal(running.size, 0);
});

test("a response that begins in time but does not end is a timeout too", async () => {
  const { baseUrl } = await startModelServer((reply) => void reply.head(200).write("{"));

  await assert.rejects(new OpenAIClient({ baseUrl, timeoutMs: 50, maxRetries: 0 }).create(REQUEST), APITimeoutError);
});

test("a broken connection is retried, then reported without secrets", async () => {
  const { baseUrl } = await startModelServer((reply) => reply.destroy());
  const counter = countingFetch();

  await assert.rejects(
    new OpenAIClient({
      baseUrl: `${baseUrl}?token=secret`,
      apiKey: "secret",
      maxRetries: 1,
      fetch: counter.fetch,
    }).create(REQUEST),
    (error) => {
      assert.ok(error instanceof APIConnectionError);
      assert.equal(error.status, undefined);
      assert.equal(error.code, "connection_error");
      assert.ok(!error.message.includes("secret"));
      return true;
    },
  );
  assert.equal(counter.tries, 2);
});

test("a response that is no completion is an API error that names the setting to check", async () => {
  for (const body of ["<html>gateway page</html>", '{"object":"list"}', "null"]) {
    const { baseUrl } = await startModelServer((reply) => reply.end(body));
    await assert.rejects(new OpenAIClient({ baseUrl }).create(REQUEST), (error) => {
      assert.ok(error instanceof APIError);
      assert.equal(error.code, "invalid_response");
      assert.match(error.message, /`baseUrl`/);
      return true;
    });
  }
});

test("an error response that is not JSON has its status", async () => {
  const { baseUrl } = await startModelServer((reply) => reply.head(404).end("<html>"));

  await assert.rejects(new OpenAIClient({ baseUrl }).create(REQUEST), {
    name: "NotFoundError",
    status: 404,
    message: "the model server answered 404",
  });
});

test("a signal ends the request with its own reason, without a retry", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const { baseUrl, received } = await startModelServer(() => controller.abort(reason));

  await assert.rejects(
    new OpenAIClient({ baseUrl }).create(REQUEST, { signal: controller.signal }),
    (error) => error === reason,
  );
  assert.equal(received.length, 1);
});

test("a signal ends the delay before a retry", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const { baseUrl, received } = await startModelServer((reply, call) => {
    json(500, {}, { "retry-after": "100" })(reply, call);
    void reply.closed.then(() => controller.abort(reason));
  });

  await assert.rejects(
    new OpenAIClient({ baseUrl }).create(REQUEST, { signal: controller.signal }),
    (error) => error === reason,
  );
  assert.equal(received.length, 1);
});

test("own headers and an own fetch are used", async () => {
  const { baseUrl, received } = await startModelServer(HELLO);
  let urls = "";
  const own: typeof fetch = (input, init) => {
    urls += String(input);
    return fetch(input, init);
  };

  await new OpenAIClient({ baseUrl: `${baseUrl}/`, headers: { "X-Team": "blue" }, fetch: own }).create(REQUEST);

  assert.equal(received[0]?.headers["x-team"], "blue");
  assert.equal(received[0]?.headers.authorization, undefined);
  assert.equal(urls, `${baseUrl}/chat/completions`);
});

test("a wrapper tries the next server after a rejection, a timeout and a broken connection", async () => {
  const refusing = await startModelServer(REFUSED);
  const silent = await startModelServer(() => {});
  const broken = await startModelServer((reply) => reply.destroy());
  const good = await startModelServer(HELLO);
  const configList = [refusing, silent, broken, good].map((server) => ({
    baseUrl: server.baseUrl,
    ...(server === silent && { timeoutMs: 50 }),
  }));

  const response = await new OpenAIWrapper({ model: "gpt-4o-mini", maxRetries: 0, configList }).create({
    messages: REQUEST.messages,
  });

  assert.equal(response.id, "c1");
  assert.deepEqual(JSON.parse(good.received[0]?.body ?? ""), REQUEST);
});

test("a rejection by a content filter is final", async () => {
  const filtered = await startModelServer(json(400, { error: { message: "Filtered.", code: "content_filter" } }));
  const other = await startModelServer(HELLO);
  const wrapper = new OpenAIWrapper({
    model: "gpt-4o-mini",
    configList: [{ baseUrl: filtered.baseUrl }, { baseUrl: other.baseUrl }],
  });

  await assert.rejects(wrapper.create({ messages: REQUEST.messages }), { code: "content_filter" });
  assert.equal(other.received.length, 0);
});

test("settings that would reveal a key are rejected by name", () => {
  assert.throws(
    () => new OpenAIClient({ baseUrl: "http://user:secret@localhost/v1" }),
    (error) => {
      assert.ok(error instanceof AgentError && error.code === "invalid_config");
      assert.ok(!error.message.includes("secret"));
      return true;
    },
  );
  assert.throws(
    () =>
      new OpenAIWrapper({ configList: [{ model: "gpt-4o-mini", api_key: "secret", baseUrl: "http://localhost/v1" }] }),
    {
      code: "invalid_config",
      message: "`api_key` in `llmConfig` is called `apiKey` here",
    },
  );
});

test("OpenAI's own API is not called without a key", () => {
  // Pages have no environment.
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const environment = process?.env ?? {};
  const before = environment["OPENAI_API_KEY"];
  delete environment["OPENAI_API_KEY"];
  try {
    assert.throws(() => new OpenAIClient(), { code: "invalid_config" });
    assert.doesNotThrow(() => new OpenAIClient({ apiKey: "k" }));
  } finally {
    if (before !== undefined) environment["OPENAI_API_KEY"] = before;
  }
});
