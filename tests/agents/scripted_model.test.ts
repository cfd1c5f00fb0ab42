/** ScriptedModel: its responses are those of the script. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatMessage, ModelRequest } from "mlflow-ag2/agents";
import { ScriptedModel, type ScriptStep } from "mlflow-ag2/agents/testing";

const request = (text: string, extra: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: "user", content: text }],
  model: "m",
  ...extra,
});

/** The message in the response of a step. */
async function firstChoice(step: ScriptStep, extra?: Partial<ModelRequest>) {
  return (await new ScriptedModel([step]).create(request("Hello?", extra))).choices[0];
}

test("each request uses the first remaining step that matches", async () => {
  const model = new ScriptedModel([
    { match: { last_contains: "tea" }, content: "Tea." },
    { content: "First." },
    { content: "Rest.", repeat: "forever" },
  ]);
  const contents: unknown[] = [];
  for (const text of ["Hello?", "More tea", "tea", "?"])
    contents.push((await model.create(request(text))).choices[0]?.message.content);

  assert.deepEqual(contents, ["First.", "Tea.", "Rest.", "Rest."]);
  model.assertFinished();
});

test("every condition is checked", async () => {
  const messages: ChatMessage[] = [
    { role: "system", content: "You help." },
    { role: "user", name: "bob", content: [{ type: "text", text: "Say tea." }] },
  ];
  const body = { messages, model: "m", tools: [{}], stream: false };
  const conditions: [fits: NonNullable<ScriptStep["match"]>, fails: NonNullable<ScriptStep["match"]>][] = [
    [{ model: "m" }, { model: "n" }],
    [{ stream: false }, { stream: true }],
    [{ has_tools: true }, { has_tools: false }],
    [{ messages_len: 2 }, { messages_len: 1 }],
    [{ last_role: "user" }, { last_role: "tool" }],
    [{ last_name: "bob" }, { last_name: "eve" }],
    [{ last_contains: "tea" }, { last_contains: "help" }],
    [{ first_contains: "help" }, { first_contains: "tea" }],
    [{ any_contains: "tea" }, { any_contains: "milk" }],
    [{ system_contains: "help" }, { system_contains: "tea" }],
  ];
  for (const [fits, fails] of conditions) {
    await assert.doesNotReject(new ScriptedModel([{ match: fits }]).create(body));
    await assert.rejects(new ScriptedModel([{ match: fails }]).create(body), { code: "script" });
  }
});

test("an unexpected request is rejected with an error that names it and the remaining steps", async () => {
  const model = new ScriptedModel([{ match: { last_contains: "tea" } }]);
  const message =
    "the script has no answer to request 1 (model `m`, 1 messages, the last one of role `user` saying `Coffee!`); " +
    'left are step 1 {"last_contains":"tea"}';

  await assert.rejects(model.create(request("Coffee!")), { code: "script", message });
  assert.throws(() => model.assertFinished(), { message });
});

test("steps that were not used are named at the end, unless they are optional", async () => {
  const model = new ScriptedModel({
    responses: [{ content: "One." }, { content: "Two.", repeat: 2 }, { optional: true }, { repeat: "forever" }],
  });
  await model.create(request("1"));
  await model.create(request("2"));
  assert.throws(() => model.assertFinished(), {
    message: 'the script is not finished after 2 requests; left are step 2 "for any request"',
  });
  await model.create(request("3"));
  model.assertFinished();
});

test("a fallback responds to requests that match no step", async () => {
  const model = new ScriptedModel({ responses: [], fallback: { content: "What?" } });

  assert.equal((await model.create(request("Hello?"))).choices[0]?.message.content, "What?");
});

test("contents, calls, usage and finish reasons are those of the script", async () => {
  assert.equal((await firstChoice({ content: { repeat_text: "ab", times: 3 } }))?.message.content, "ababab");
  assert.equal((await firstChoice({ content: "x" }))?.finish_reason, "stop");
  const calls = await firstChoice({
    tool_calls: [
      { name: "f", arguments: { a: [1, { b: "é" }] } },
      { name: "g", arguments: "raw" },
    ],
  });
  assert.equal(calls?.finish_reason, "tool_calls");
  assert.deepEqual(calls?.message.tool_calls, [
    { id: "call_1", function: { arguments: '{"a": [1, {"b": "é"}]}', name: "f" }, type: "function" },
    { id: "call_2", function: { arguments: "raw", name: "g" }, type: "function" },
  ]);
  assert.deepEqual((await firstChoice({ function_call: { name: "f" } }))?.message.function_call, {
    arguments: "{}",
    name: "f",
  });

  const usage = async (step: ScriptStep): Promise<unknown> =>
    (await new ScriptedModel([step]).create(request("?"))).usage;
  const counts = {
    completion_tokens: 5,
    prompt_tokens: 10,
    total_tokens: 15,
    completion_tokens_details: null,
    prompt_tokens_details: null,
  };
  assert.deepEqual(await usage({}), counts);
  assert.deepEqual(await usage({ usage: { prompt_tokens: 10, completion_tokens: 5 } }), counts);
  assert.equal(await usage({ usage: null }), null);
});

test("scripted failures are those of the HTTP client", async () => {
  await assert.rejects(firstChoice({ status: 429 }), { name: "RateLimitError", status: 429, type: "server_error" });
  await assert.rejects(firstChoice({ drop: true }), { name: "APIConnectionError" });
  await assert.rejects(firstChoice({ raw_body: "<html>" }), { code: "invalid_response" });
});

test("a reply of a person can be delayed, and cancelled", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const answer = new ScriptedModel([{ delay_ms: 100_000 }]).create(request("?"), { signal: controller.signal });
  controller.abort(reason);

  await assert.rejects(answer, (error) => error === reason);
});

test("requests are recorded as they would have been sent", async () => {
  const model = new ScriptedModel([{ content: "Yes." }]);
  const messages = [{ role: "user", content: "?" }];
  await model.create({ messages, missing: undefined });
  messages.pop();

  assert.deepEqual(model.requests, [{ messages: [{ role: "user", content: "?" }] }]);
});
