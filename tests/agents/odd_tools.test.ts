/** Tools and models whose schemas, arguments, results or answers are unusual. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { type JsonSchema, type ModelClient, registerFunction, type ToolFunction } from "mlflow-ag2/agents";
import { AgentTarget, handoffsOf, TerminateTarget } from "mlflow-ag2/agents/group";
import { Guardrail, type GuardrailResult, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { agentWithScript, plainAgent, toolCallStep } from "./agent_fixtures.js";
import { converse, patternOf, speaker, texts } from "./pattern_fixtures.js";

/** Has a model call a tool of one argument `x` with each text of arguments; returns what the model got. */
async function answers(fn: ToolFunction<never>, x: JsonSchema, ...args: readonly string[]): Promise<unknown[]> {
  const calls = args.map((text, index) => ({ id: String(index), name: "act", arguments: text }));
  const { agent: helper, model } = agentWithScript("helper", [{ tool_calls: calls }, "TERMINATE"]);
  const user = plainAgent("user");
  const parameters = { type: "object", properties: { x } };
  registerFunction(fn, { caller: helper, executor: user, name: "act", description: "Acts", parameters });
  await user.initiateChat(helper, { message: "Go.", silent: true });
  return model.requests[1]?.messages.flatMap(({ role, content }) => (role === "tool" ? [content] : [])) ?? [];
}

const given = ({ x }: { x: unknown }): string => `${typeof x} ${JSON.stringify(x)}`;
const refused = (problem: string): string => `Error: 1 validation error for act\nx\n  ${problem}`;

test("a pattern with escapes that Unicode mode does not know is checked", async () => {
  const pattern = "^\\d{3}\\-[\\w-.]+$";
  assert.deepEqual(await answers(given, { type: "string", pattern }, '{"x": "123-a.b"}', '{"x": "12"}'), [
    'string "123-a.b"',
    refused(`String should match pattern '${pattern}'`),
  ]);
});

test("a pattern that only Python can read is not checked, with a warning", async () => {
  const warn = mock.method(console, "warn", () => {});
  const pattern = "(?P<year>\\d{4})";
  assert.deepEqual(await answers(given, { type: "string", pattern }, '{"x": "in 2026"}'), ['string "in 2026"']);
  warn.mock.restore();
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /`\(\?P<year>\\d\{4\}\)` is not checked/);
});

test("an exclusive limit may be a boolean beside the limit, as in OpenAPI 3.0", async () => {
  const limits = { type: "integer", minimum: 0, exclusiveMinimum: false, maximum: 9, exclusiveMaximum: true };
  assert.deepEqual(await answers(given, limits, '{"x": 0}', '{"x": 9}', '{"x": -1}'), [
    "number 0",
    refused("Input should be less than 9"),
    refused("Input should be greater than or equal to 0"),
  ]);
});

test("properties that `patternProperties` describe are kept", async () => {
  const schema = { type: "object", properties: { a: { type: "integer" } }, patternProperties: { "^x-": {} } };
  const closed = { ...schema, additionalProperties: false };
  const kept = 'object {"a":1,"x-b":"2"}';
  assert.deepEqual(await answers(given, schema, '{"x": {"a": "1", "x-b": "2"}}'), [kept]);
  assert.deepEqual(await answers(given, closed, '{"x": {"a": "1", "x-b": "2"}}'), [kept]);
});

test("an integer that a number cannot hold is refused or passed as a text, and never rounded", async () => {
  const long = '{"x": 1234567890123456789}';
  assert.deepEqual(await answers(given, { type: "integer" }, long, '{"x": 1180591620717411303424}'), [
    refused("Input should be a valid integer, exceeded maximum size"),
    "number 1.1805916207174113e+21",
  ]);
  assert.deepEqual(await answers(given, { type: "string" }, long), ['string "1234567890123456789"']);
  assert.deepEqual(await answers(given, { type: "number" }, long), ["number 1234567890123456800"]);
  // Digits in a text, and of a fraction, are none of that kind.
  const others = ['{"x": "id 1234567890123456789, \\" 1234567890123456789"}', '{"x": 0.12345678901234567891}'];
  assert.deepEqual(await answers(given, {}, ...others), [
    'string "id 1234567890123456789, \\" 1234567890123456789"',
    "number 0.12345678901234568",
  ]);
});

test("results that JSON would show as an empty object have a text with what they hold", async () => {
  const results: readonly (readonly [unknown, string])[] = [
    [new Map([["a", new Map([["b", 1n]])]]), '{"a":{"b":"1"}}'],
    [{ tags: new Set(["x", "y"]) }, '{"tags":["x","y"]}'],
    [new Uint8Array([1, 2]), "[1,2]"],
    [new TypeError("no such row"), '"TypeError: no such row"'],
    [
      { found: /x/g, empty: {}, none: Object.create(null) as object, list: [] },
      '{"found":"/x/g","empty":{},"none":{},"list":[]}',
    ],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ];
  for (const [result, text] of results) assert.deepEqual(await answers(() => result, {}, "{}"), [text]);
});

test("a tool may throw what has no text", async () => {
  const thrown = (): never => {
    throw Object.create(null);
  };
  assert.deepEqual(await answers(thrown, {}, "{}"), ["Error: <object that cannot be shown>"]);
});

test("after a client that returns nothing, the next entry of `configList` is asked", async () => {
  const silent = { create: async () => undefined } as unknown as ModelClient;
  const { agent: helper, model } = agentWithScript("helper", ["Here."]);
  const configList = [
    { model: "gpt-4o-mini", client: silent },
    { model: "gpt-4o-mini", client: model },
  ];
  const agent = plainAgent("agent", { llmConfig: { configList } });
  assert.equal(await agent.generateReply({ messages: [{ role: "user", content: "Hello." }], sender: helper }), "Here.");
});

test("a guardrail may be asynchronous", async () => {
  class Later extends Guardrail {
    override readonly condition = "bad";
    override async check(text: unknown): Promise<GuardrailResult> {
      await Promise.resolve();
      return { activated: String(text).includes("bad"), justification: "later" };
    }
  }
  const { agent } = speaker("a", "a bad word");
  const { agent: editor } = speaker("editor", "a word");
  registerOutputGuardrails(agent, new Later({ name: "later", target: new AgentTarget(editor) }));
  handoffsOf(editor).setAfterWork(new TerminateTarget());
  assert.deepEqual(texts(await converse(patternOf([agent, editor]))), [
    "-: Begin.",
    "a: Guardrail 'later' has been activated.\nJustification: later",
    "editor: a word",
  ]);
});

test("a call of a tool whose name has letters that the API refuses is answered under the name that was sent", async () => {
  const { agent: helper, model } = agentWithScript("helper", [toolCallStep("wétter"), "TERMINATE"]);
  await plainAgent("user").initiateChat(helper, { message: "Go.", silent: true });
  const [, , call, answer] = model.requests[1]?.messages ?? [];
  assert.equal(call?.tool_calls?.[0]?.function.name, "w_tter");
  assert.equal(answer?.content, "Error: Function w_tter not found.");
});
