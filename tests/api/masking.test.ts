/** Values under keys such as `apiKey` are not recorded. */

import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { autolog, init, setTrackingUri } from "mlflow-ag2";
import { failedToolCallTrace, toolCallTrace } from "./reporting.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});
afterEach(() => init({ maskKeys: [], maxTextCharacters: 8 * 1024 * 1024 }));

async function captured(value: unknown): Promise<unknown> {
  return (await toolCallTrace(value)).data.spans[0]!.inputs;
}

test("texts and numbers under secret keys are masked, at any depth and in any spelling", async () => {
  for (const key of [
    "apiKey",
    "api_key",
    "API-KEY",
    "x-api-key",
    "openai_api_key",
    "Authorization",
    "proxy-authorization",
    "password",
    "userPassword",
    "secret",
    "client_secret",
    "aws_secret_access_key",
    "access_token",
    "refreshToken",
    "token",
    "Cookie",
    "set-cookie",
    "private_key",
    "credentials",
  ]) {
    assert.deepEqual(
      await captured({ list: [{ [key]: "sk-123", other: "sk" }] }),
      { list: [{ [key]: "***", other: "sk" }] },
      key,
    );
    assert.deepEqual(await captured({ [key]: ["Bearer abc"] }), { [key]: ["***"] }, key);
  }
  assert.deepEqual(await captured({ password: 1234, secret: "", credentials: null, authorization: false }), {
    password: "***",
    secret: "",
    credentials: null,
    authorization: false,
  });
});

test("counts of tokens, words of models and descriptions of parameters are no secrets", async () => {
  const harmless = {
    max_tokens: 100,
    usage: {
      prompt_tokens: 1,
      completion_tokens: 2,
      total_tokens: 3,
      completion_tokens_details: { reasoning_tokens: 1 },
    },
    logprobs: { content: [{ token: "Hello", logprob: -0.1, top_logprobs: [{ token: "Hi", logprob: -2 }] }] },
    eos_token: "</s>",
    next_page_token: "abc",
    tools: [
      {
        parameters: {
          properties: { password: { type: "string" }, api_key: { type: "string" } },
          required: ["password"],
        },
      },
    ],
    keyboard: "qwerty",
    tokenizer: "o200k",
  };
  assert.deepEqual(await captured(harmless), harmless);
});

test("JSON in texts is masked too, as models give arguments, however deep it is quoted", async () => {
  const text = JSON.stringify({ city: "Oslo", api_key: 'sk-"1\\2"', pin: 1, password: 77 });
  assert.deepEqual(JSON.parse((await captured(text)) as string), {
    city: "Oslo",
    api_key: "***",
    pin: 1,
    password: "***",
  });
  const call = { function: { name: "look_up", arguments: text } };
  assert.deepEqual(JSON.parse(((await captured(call)) as typeof call).function.arguments), {
    city: "Oslo",
    api_key: "***",
    pin: 1,
    password: "***",
  });
  const nested = (await captured(
    JSON.stringify({ arguments: JSON.stringify({ city: "Oslo", access_token: "sk-1" }) }),
  )) as string;
  assert.deepEqual(JSON.parse((JSON.parse(nested) as { arguments: string }).arguments), {
    city: "Oslo",
    access_token: "***",
  });
  assert.equal(await captured('{"token": "Hello", "logprob": -1}'), '{"token": "Hello", "logprob": -1}');
});

test("a secret is masked before its text is cut", async () => {
  init({ maxTextCharacters: 30 });
  assert.equal(
    await captured(`{"a": 1, "password": "${"s3cret".repeat(20)}"}`),
    '{"a": 1, "password": "***"… (truncated, 144 characters)',
  );
});

test("errors contain no such secrets either", async () => {
  const trace = await failedToolCallTrace(new Error('refused: {"Authorization":"Bearer sk-1"}'));
  const { status, events } = trace.data.spans[0]!;
  assert.equal(status.description, 'refused: {"Authorization":"***"}');
  assert.equal(Object.values(events[0]!.attributes).join().includes("sk-1"), false);
});

test("headers and maps are objects like any other", async () => {
  assert.deepEqual(await captured([new Headers({ authorization: "Bearer 1" }), new Map([["apiKey", "sk-1"]])]), [
    { authorization: "***" },
    { apiKey: "***" },
  ]);
});

test("names and patterns are added, a function replaces all, and false masks nothing", async () => {
  const value = { apiKey: "1", customer_id: "2", "x-internal-thing": "3", plain: "4" };
  init({ maskKeys: ["customerId", /^x-internal/g] });
  for (let again = 0; again < 2; again += 1)
    assert.deepEqual(await captured(value), {
      apiKey: "***",
      customer_id: "***",
      "x-internal-thing": "***",
      plain: "4",
    });
  assert.equal(await captured('{"customer_id":"2"}'), '{"customer_id":"***"}');
  init({ maskKeys: (key) => key === "plain" });
  assert.deepEqual(await captured(value), { ...value, plain: "***" });
  init({
    maskKeys: () => {
      throw new Error("no");
    },
  });
  assert.deepEqual(await captured(value), {
    apiKey: "***",
    customer_id: "***",
    "x-internal-thing": "***",
    plain: "***",
  });
  init({ maskKeys: false });
  assert.deepEqual(await captured(value), value);
  for (const wrong of [true, "apiKey", [1], {}])
    assert.throws(() => init({ maskKeys: wrong as never }), { code: "invalid_argument", message: /maskKeys/ });
});
