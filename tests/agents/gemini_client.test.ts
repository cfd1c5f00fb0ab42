/** Google's models, by the real package `@google/genai` and a server that speaks the Gemini API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GoogleGenAI } from "@google/genai";
import { type ModelClient, OpenAIWrapper } from "mlflow-ag2/agents";
import { GeminiClient } from "mlflow-ag2/agents/gemini";
import { data, json, startModelServer, streamed } from "./model_server.js";
import {
  ask,
  askStream,
  countsOf,
  failuresOf,
  HELLO,
  KEY,
  PARAMETERS,
  PERSON,
  PICTURE,
  PIXEL,
  serve,
  STRICT_PERSON,
  twoCities,
  WEATHER,
} from "./model_package_fixtures.js";

const MODEL = "gemini-2.5-flash";
const make = (baseUrl: string, options: object = {}): ModelClient =>
  new GeminiClient({ apiKey: KEY, baseUrl, ...options });

/** A response of the API, as in its reference. */
const response = (parts: object[], finishReason: string | undefined = "STOP"): object => ({
  candidates: [{ content: { role: "model", parts }, finishReason, index: 0 }],
  usageMetadata: {
    promptTokenCount: 10,
    cachedContentTokenCount: 4,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 3,
    totalTokenCount: 18,
  },
  modelVersion: MODEL,
  responseId: "r-1",
});
const hello = json(200, response([{ text: "Hello." }]));
const piece = (parts: object[], finishReason?: string): string => {
  const { candidates, ...rest } = response(parts) as { candidates: object[] };
  return data({ ...rest, candidates: candidates.map((candidate) => ({ ...candidate, finishReason })) });
};

test("a turn is a request of the Gemini API", async () => {
  const {
    body,
    url,
    response: completion,
  } = await ask(make, MODEL, hello, {
    temperature: 0.5,
    max_tokens: 9,
    stop: "END",
    thinking_budget: 0,
    messages: [{ role: "system", content: "Be kind." }, ...HELLO],
  });
  assert.equal(url, `/v1beta/models/${MODEL}:generateContent`);
  assert.deepEqual(body, {
    contents: [{ role: "user", parts: [{ text: "Hello?" }] }],
    systemInstruction: { role: "user", parts: [{ text: "Be kind." }] },
    generationConfig: {
      temperature: 0.5,
      maxOutputTokens: 9,
      stopSequences: ["END"],
      thinkingConfig: { thinkingBudget: 0 },
    },
  });
  assert.deepEqual([completion.id, completion.model], ["r-1", MODEL]);
  assert.equal(completion.choices[0]?.message.content, "Hello.");
  assert.deepEqual(countsOf(completion), [10, 8, 18, 4, 3]);
});

test("a client of the package is used itself, and costs are AG2's", async () => {
  const { origin, sent } = await serve(hello);
  const sdk = new GoogleGenAI({ apiKey: "its-own", httpOptions: { baseUrl: origin } });
  const wrapper = new OpenAIWrapper({ model: MODEL, client: new GeminiClient({ client: sdk }) });
  const { cost } = await wrapper.create({ messages: HELLO });
  assert.equal(sent()[0]?.headers["x-goog-api-key"], "its-own");
  assert.ok(Math.abs(cost! - (10 * 0.3 + 8 * 2.5) / 1e6) < 1e-15);
});

test("the user's turns are the first and the last, and no content is empty, as in AG2", async () => {
  const { body } = await ask(make, MODEL, hello, {
    messages: [
      { role: "assistant", content: "Hi." },
      { role: "user", content: "" },
      { role: "system", content: "Two." },
      { role: "assistant", content: "Last." },
    ],
  });
  const turn = (role: string, text: string): object => ({ role, parts: [{ text }] });
  assert.deepEqual(body["contents"], [
    turn("user", "start chat"),
    turn("model", "Hi."),
    turn("user", "empty"),
    turn("user", "Two."),
    turn("model", "Last."),
    turn("user", "continue"),
  ]);
});

test("images are sent as data, and downloaded if they are elsewhere", async () => {
  const { body } = await ask(make, MODEL, hello, { messages: PICTURE });
  assert.deepEqual((body["contents"] as { parts: unknown }[])[0]?.parts, [
    { text: "What is this?" },
    { inlineData: { mimeType: "image/png", data: PIXEL } },
  ]);
  const image = await startModelServer((reply) => reply.head(200, { "content-type": "image/jpeg" }).end("jpg"));
  const content = [{ type: "image_url", image_url: `${image.baseUrl}/a.jpg` }];
  const { body: second } = await ask(make, MODEL, hello, { messages: [{ role: "user", content }] });
  assert.deepEqual((second["contents"] as { parts: unknown }[])[0]?.parts, [
    { inlineData: { mimeType: "image/jpeg", data: btoa("jpg") } },
  ]);
  await assert.rejects(
    ask(make, MODEL, hello, {
      messages: [{ role: "user", content: [{ type: "image_url", image_url: "http://127.0.0.1:1/" }] }],
    }),
    { code: "invalid_message", message: /give it as `data:image\/png/ },
  );
});

test("tools are called in parallel, and their results and signatures are sent back together", async () => {
  const use = (city: string): object => ({ functionCall: { name: "weather", args: { city } } });
  const { sent } = await twoCities(
    make,
    MODEL,
    json(200, response([{ ...use("Paris"), thoughtSignature: "c2ln" }, use("Tokyo")])),
    json(200, response([{ text: "Sunny in both." }])),
  );
  const [first, second] = sent.map(({ body }) => body);
  assert.deepEqual(first?.["tools"], [
    { functionDeclarations: [{ name: "weather", description: "The weather", parametersJsonSchema: PARAMETERS }] },
  ]);
  assert.match(JSON.stringify(first?.["systemInstruction"] ?? "prefer using them over"), /prefer using them over/);
  const result = (city: string): object => ({
    functionResponse: { name: "weather", response: { result: `${city}: sunny` } },
  });
  assert.deepEqual((second!["contents"] as unknown[]).slice(-2), [
    { role: "model", parts: [{ ...use("Paris"), thoughtSignature: "c2ln" }, use("Tokyo")] },
    { role: "user", parts: [result("Paris"), result("Tokyo")] },
  ]);
});

test("calls of other models go without a signature, and functions without parameters without a schema", async () => {
  const { body } = await ask(make, MODEL, hello, {
    tools: [
      {
        type: "function",
        function: { name: "now", description: "The time", parameters: { type: "object", properties: {} } },
      },
    ],
    tool_choice: { type: "function", function: { name: "now" } },
    messages: [
      { role: "system", content: "Be kind." },
      ...HELLO,
      { role: "assistant", tool_calls: [{ id: "other", function: { name: "now", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "other", content: '{"hour":3}' },
    ],
  });
  const [, call, result] = body["contents"] as { parts: object[] }[];
  assert.deepEqual(call?.parts, [
    { functionCall: { name: "now", args: {} }, thoughtSignature: "skip_thought_signature_validator" },
  ]);
  assert.deepEqual(result?.parts, [{ functionResponse: { name: "now", response: { result: { hour: 3 } } } }]);
  assert.deepEqual(body["tools"], [{ functionDeclarations: [{ name: "now", description: "The time" }] }]);
  assert.deepEqual(body["toolConfig"], { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["now"] } });
  assert.match(JSON.stringify(body["systemInstruction"]), /prefer using them over generating code\.\\n\\nBe kind\./);
});

test("text, reasoning and tool calls stream", async () => {
  const { deltas, response: completion } = await askStream(
    make,
    MODEL,
    streamed([
      piece([{ text: "Hm.", thought: true }]),
      piece([{ text: "Hel" }]),
      piece([{ text: "lo." }]),
      piece([{ functionCall: { name: "weather", args: { city: "Rome" } } }], "STOP"),
    ]),
    { tools: [WEATHER] },
  );
  assert.deepEqual(deltas, [{ reasoning_content: "Hm." }, { content: "Hel" }, { content: "lo." }]);
  const [choice] = completion.choices;
  assert.equal(choice?.message.content, "Hello.");
  assert.equal(choice?.message["reasoning_content"], "Hm.");
  assert.equal(choice?.finish_reason, "tool_calls");
  assert.equal(choice?.message.tool_calls?.[0]?.function.arguments, '{"city":"Rome"}');
  assert.deepEqual(countsOf(completion), [10, 8, 18, 4, 3]);
});

test("a structured output has Gemini's format", async () => {
  const answer = json(200, response([{ text: '{"name":"Ada"}' }]));
  const { body, response: completion, wrapper } = await ask(make, MODEL, answer, { responseFormat: PERSON });
  assert.deepEqual(body["generationConfig"], {
    responseMimeType: "application/json",
    responseJsonSchema: STRICT_PERSON,
  });
  assert.deepEqual(wrapper.parsedContent(completion)?.value, { name: "Ada" });
});

test("each reason to stop has OpenAI's word, and content that is held back AG2's text", async () => {
  const answers: [object, string, string][] = [
    [response([{ text: "Hello." }], "MAX_TOKENS"), "length", "Hello."],
    [response([], "SAFETY"), "content_filter", "Unsuccessful Finish Reason: (SAFETY) NO CONTENT RETURNED"],
    [
      { promptFeedback: { blockReason: "OTHER" }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } },
      "content_filter",
      "Unsuccessful Finish Reason: (OTHER) NO CONTENT RETURNED",
    ],
  ];
  for (const [answer, reason, content] of answers) {
    const { choices } = (await ask(make, MODEL, json(200, answer))).response;
    assert.deepEqual([choices[0]?.finish_reason, choices[0]?.message.content], [reason, content]);
  }
});

const FAILURES = failuresOf({
  name: "GeminiClient",
  model: MODEL,
  make,
  hello,
  refusal: (message) => ({ error: { code: 429, message, status: "RESOURCE_EXHAUSTED" } }),
  begun: (isOpen) => streamed([piece([{ text: "Hel" }])], { isOpen }),
  create: (options) => new GeminiClient(options),
  apiType: "google",
});
for (const [name, run] of Object.entries(FAILURES)) test(name, run);
