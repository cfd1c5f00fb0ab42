/** Structured outputs: `responseFormat` in the configuration of a model. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toJsonSchema, toStandardJsonSchema } from "@valibot/to-json-schema";
import { type as arktype } from "arktype";
import {
  type ChatResult,
  type LlmConfig,
  type ModelConfig,
  OpenAIWrapper,
  type ResponseFormat,
} from "mlflow-ag2/agents";
import type { ScriptStep } from "mlflow-ag2/agents/testing";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import * as valibot from "valibot";
import * as zod from "zod";
import { plainAgent } from "./agent_fixtures.js";
import { extraModel, extraRequests, extraResults } from "./extra_golden.js";

const CITY = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};
const ROME = '{"city": "Rome", "people": "3"}';

/** A chat with one response of a model, and the request that it got. */
async function chatWith(
  config: Partial<ModelConfig>,
  step: ScriptStep = { content: ROME },
): Promise<{ result: ChatResult; format: unknown; isStreamAsked: boolean }> {
  const client = new ScriptedModel([step]);
  const bot = plainAgent("bot", { llmConfig: { configList: [{ model: "gpt-4o-mini", client, ...config }] } });
  const result = await plainAgent("user").initiateChat(bot, { message: "City?", maxTurns: 1 });
  const [request] = client.requests;
  assert.ok(request);
  return { result, format: request["response_format"], isStreamAsked: "stream" in request };
}

/** The envelope that OpenAI's API wants. */
const envelope = (schema: unknown, name = "response_format"): unknown => ({
  type: "json_schema",
  json_schema: { schema, name, strict: true },
});

test("requests and replies are those of Python's AG2", async () => {
  const client = extraModel("response_format");
  const schemas = extraResults("response_format")["schemas"] as Record<string, Record<string, unknown>>;
  const llmConfig = (config: Partial<ModelConfig>, top: LlmConfig = {}): LlmConfig => ({
    configList: [{ model: "gpt-4o-mini", client, ...config }],
    ...top,
  });
  const ask = (label: string, config: LlmConfig): Promise<unknown> =>
    plainAgent(label, { llmConfig: config }).generateReply({ messages: [{ role: "user", content: label }] });
  const replies: Record<string, unknown> = { schemas };

  const named = { recipe: "Recipe", tree: "Tree" } as Record<string, string>;
  for (const label of ["recipe", "tree", "plain", "nested", "json_object"]) {
    const schema = schemas[label] as Record<string, unknown>;
    const name = named[label];
    replies[label] = await ask(label, llmConfig({ responseFormat: name ? { schema, name } : schema }));
  }
  replies["top"] = await ask("top", llmConfig({ stream: true }, { response_format: schemas["plain"] }));
  const wrapper = new OpenAIWrapper(llmConfig({}));
  const response = await wrapper.create({
    messages: [{ role: "user", content: "request" }],
    response_format: schemas["plain"],
  });
  replies["request"] = response.choices[0]?.message.content;
  const format = ({ good, why }: { good: boolean; why: string }): string => `${good ? "Good" : "Bad"} because ${why}`;
  const judge = llmConfig({
    responseFormat: { schema: schemas["formatted"] as Record<string, unknown>, name: "Judgement", format },
  });
  replies["formatted"] = await ask("formatted", judge);
  // In Python it is pydantic's ValidationError.
  await assert.rejects(ask("misfit", judge), { name: "AgentError", code: "invalid_response" });
  replies["misfit"] = "ValidationError";

  assert.deepEqual(client.requests, extraRequests("response_format"));
  assert.deepEqual(replies, extraResults("response_format"));
});

test("a JSON Schema goes out as OpenAI's strict mode wants it, and is itself not changed", async () => {
  const schema = {
    type: "object",
    properties: { a: { type: "object", properties: { b: { type: "string", default: null } } }, c: { type: "integer" } },
  };
  const before = structuredClone(schema);

  const { format } = await chatWith({ responseFormat: schema }, { content: '{"a": {"b": "x"}, "c": 1}' });

  assert.deepEqual(schema, before);
  assert.deepEqual(
    format,
    envelope({
      type: "object",
      properties: {
        a: { type: "object", properties: { b: { type: "string" } }, required: ["b"], additionalProperties: false },
        c: { type: "integer" },
      },
      required: ["a", "c"],
      additionalProperties: false,
    }),
  );
});

test("parts that refer to themselves, and alternatives, go out as strict mode accepts them", async () => {
  const child = { $ref: "#/$defs/Node", description: "Below" };
  const schema = {
    $ref: "#/$defs/Node",
    description: "A tree",
    $defs: { Node: { type: "object", properties: { child, kind: { oneOf: [{ type: "object", properties: {} }] } } } },
  };

  const { format } = await chatWith({ responseFormat: schema }, { content: "{}" });

  const text = JSON.stringify(format);
  assert.equal(text.includes("oneOf"), false);
  // No keyword is beside a reference, and every object is closed.
  const nodes: Record<string, unknown>[] = [];
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value === "object" && value !== null) nodes.push(value as Record<string, unknown>);
    return value;
  });
  assert.deepEqual(
    nodes.filter((node) => "$ref" in node && Object.keys(node).length > 1),
    [],
  );
  assert.deepEqual(
    nodes.filter((node) => node["type"] === "object" && node["additionalProperties"] !== false),
    [],
  );
});

test("an entry's own format takes precedence, under either name", async () => {
  const other = { type: "object", properties: {} };
  for (const config of [{ responseFormat: CITY }, { response_format: CITY }]) {
    const client = new ScriptedModel([{ content: ROME }]);
    const llmConfig = { responseFormat: other, configList: [{ model: "gpt-4o-mini", client, ...config }] };
    await plainAgent("bot", { llmConfig }).generateReply({ messages: [{ content: "City?" }] });
    assert.deepEqual(client.requests[0]?.["response_format"], envelope(CITY));
    assert.equal("responseFormat" in (client.requests[0] as object), false);
  }
});

test("the value is beside the text in the result of the chat, checked and converted", async () => {
  const { result } = await chatWith({ responseFormat: CITY });

  assert.equal(result.summary, ROME);
  assert.equal(result.chatHistory.at(-1)?.content, ROME);
  assert.deepEqual(result.parsed, { city: "Rome", people: 3 });
  assert.equal("parseError" in result, false);
});

test("a wrapper has the value of each response", async () => {
  const client = new ScriptedModel([{ content: ROME }, { content: "Rome" }]);
  const models = new OpenAIWrapper({ model: "gpt-4o-mini", client });
  const messages = [{ role: "user", content: "City?" }];

  const structured = await models.create({ messages, response_format: CITY });
  const plain = await models.create({ messages });

  assert.deepEqual(models.parsedContent(structured)?.value, { city: "Rome", people: 3 });
  assert.deepEqual(models.extractTextOrCompletionObject(structured), [ROME]);
  assert.equal(models.parsedContent(plain), undefined);
});

const VALIDATORS: Readonly<Record<string, ResponseFormat>> = {
  zod: zod.object({ city: zod.string(), people: zod.coerce.number().int() }),
  "valibot with its JSON Schema": toStandardJsonSchema(
    valibot.object({ city: valibot.string(), people: valibot.union([valibot.number(), valibot.string()]) }),
  ),
  "valibot and the function that makes its JSON Schema": {
    schema: valibot.object({ city: valibot.string(), people: valibot.union([valibot.number(), valibot.string()]) }),
    toJsonSchema,
  },
  arktype: arktype({ city: "string", people: "number | string" }),
};

for (const [name, responseFormat] of Object.entries(VALIDATORS))
  test(`a validator of ${name} is a format, and makes the value`, async () => {
    const { result, format } = await chatWith({ responseFormat });

    const { type, json_schema: sent } = format as {
      type: string;
      json_schema: { name: string; schema: Record<string, unknown> };
    };
    assert.deepEqual([type, sent.name], ["json_schema", "response_format"]);
    assert.deepEqual(sent.schema["required"], ["city", "people"]);
    assert.equal(sent.schema["additionalProperties"], false);
    assert.equal("$schema" in sent.schema, false);
    assert.deepEqual(result.parsed, { city: "Rome", people: name === "zod" ? 3 : "3" });
  });

test("a validator's title is the name of the format, and its transformation makes the value", async () => {
  const responseFormat = zod
    .object({ city: zod.string().transform((city) => city.toUpperCase()), people: zod.coerce.number() })
    .meta({ title: "City" });

  const { result, format } = await chatWith({ responseFormat });

  assert.equal((format as { json_schema: { name: string } }).json_schema.name, "City");
  assert.deepEqual(result.parsed, { city: "ROME", people: 3 });
});

test("a validator may be asynchronous", async () => {
  const responseFormat = zod.object({ city: zod.string().refine(async (city) => city !== "Rome", "Not Rome") });

  const { result } = await chatWith({ responseFormat }, { content: '{"city": "Rome"}' });

  assert.match(String(result.parseError?.message), /city\n {2}Not Rome$/);
});

test("a validator that cannot make its JSON Schema is refused with the fix when the agent is made", () => {
  const responseFormat = valibot.object({ city: valibot.string() });
  assert.throws(() => plainAgent("bot", { llmConfig: { model: "gpt-4o-mini", apiKey: "key", responseFormat } }), {
    code: "invalid_option",
    message: /made by `valibot`, has no JSON Schema: give `toJsonSchema`/,
  });
});

test("formats of the API are sent as they are", async () => {
  const own = { type: "json_schema", json_schema: { name: "mine", schema: CITY, strict: false } };
  const sent = await chatWith({ response_format: own });
  assert.deepEqual(sent.format, own);
  assert.deepEqual(sent.result.parsed, { city: "Rome", people: 3 });

  const json = await chatWith({ responseFormat: { type: "json_object" } });
  assert.deepEqual(json.format, { type: "json_object" });
  assert.deepEqual(json.result.parsed, { city: "Rome", people: "3" });

  const text = await chatWith({ responseFormat: { type: "text" } });
  assert.deepEqual(text.format, { type: "text" });
  assert.equal("parsed" in text.result, false);
});

test("structured outputs are not streamed", async () => {
  const { isStreamAsked, result } = await chatWith({ responseFormat: CITY, stream: true });

  assert.equal(isStreamAsked, false);
  assert.deepEqual(result.parsed, { city: "Rome", people: 3 });
});

const MISFITS: readonly [what: string, content: string, message: RegExp][] = [
  ["no JSON", "I liked it.", /^the model's response does not fit `responseFormat`: .*JSON/],
  ["cut off", '{"city": "Ro', /^the model's response does not fit `responseFormat`: .*JSON/],
  ["another type", '{"city": "Rome", "people": "many"}', /people\n {2}Input should be a valid integer/],
  ["too little", '{"city": "Rome"}', /people\n {2}Field required/],
  ["too much", '{"city": "Rome", "people": 3, "mayor": "x"}', /mayor\n {2}Extra inputs are not permitted/],
];

for (const [what, content, message] of MISFITS)
  test(`a response that does not fit (${what}) is reported, and stays the reply`, async (context) => {
    const warn = context.mock.method(console, "warn", () => {});

    const { result } = await chatWith({ responseFormat: CITY }, { content });

    assert.equal(result.summary, content);
    assert.equal("parsed" in result, false);
    assert.equal(result.parseError?.code, "invalid_response");
    assert.match(result.parseError.message, message);
    assert.deepEqual(
      warn.mock.calls.map(({ arguments: [text] }) => String(text).includes("does not fit `responseFormat`")),
      [true],
    );
  });

test("a refusal is reported", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const message = { role: "assistant", content: null, refusal: "I cannot help with that." };
  const raw_body = JSON.stringify({
    id: "x",
    model: "gpt-4o-mini",
    choices: [{ index: 0, finish_reason: "stop", message }],
  });

  const { result } = await chatWith({ responseFormat: CITY }, { raw_body });

  assert.equal(result.parseError?.code, "refusal");
  assert.match(result.parseError.message, /I cannot help with that\.$/);
  assert.equal(warn.mock.callCount(), 1);
});

test("a tool call has no value, and the reply after it has one", async () => {
  const client = new ScriptedModel([{ tool_calls: [{ id: "c1", name: "count", arguments: {} }] }, { content: ROME }]);
  const llmConfig = { configList: [{ model: "gpt-4o-mini", client, responseFormat: CITY }] };
  const bot = plainAgent("bot", {
    llmConfig,
    functions: function count() {
      return 3;
    },
  });
  const user = plainAgent("user", { functionMap: { count: () => 3 } });

  const result = await user.initiateChat(bot, { message: "City?", maxTurns: 2 });

  assert.equal(result.chatHistory[2]?.content, "3");
  assert.deepEqual(result.parsed, { city: "Rome", people: 3 });
});

test("chats of one agent at the same time have each their own value", async () => {
  const client = new ScriptedModel([
    { match: { last_contains: "Rome" }, content: '{"city": "Rome", "people": 3}', delay_ms: 20 },
    { match: { last_contains: "Ulm" }, content: '{"city": "Ulm", "people": 1}' },
  ]);
  const bot = plainAgent("bot", {
    llmConfig: { configList: [{ model: "gpt-4o-mini", client, responseFormat: CITY }] },
  });

  const results = await Promise.all(
    ["Rome", "Ulm"].map((message) => plainAgent(`user of ${message}`).initiateChat(bot, { message, maxTurns: 1 })),
  );

  assert.deepEqual(
    results.map(({ parsed }) => parsed),
    [
      { city: "Rome", people: 3 },
      { city: "Ulm", people: 1 },
    ],
  );
});

test("a response from the cache has its value again", async () => {
  const cache = new Map<string, string>();
  const ask = async (client: ScriptedModel): Promise<unknown> => {
    const bot = plainAgent("bot", {
      llmConfig: { configList: [{ model: "gpt-4o-mini", client, responseFormat: CITY }] },
    });
    return (await plainAgent("user").initiateChat(bot, { message: "City?", maxTurns: 1, cache })).parsed;
  };

  assert.deepEqual(await ask(new ScriptedModel([{ content: ROME }])), { city: "Rome", people: 3 });
  assert.deepEqual(await ask(new ScriptedModel([])), { city: "Rome", people: 3 });
});
