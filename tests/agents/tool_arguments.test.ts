/**
 * The check and the conversion of tool arguments, held to what real pydantic made of the same arguments in AG2
 * (tests/golden/extra/programs/tool_arguments.py).
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonSchema, registerFunction } from "mlflow-ag2/agents";
import { agentWithScript, plainAgent, toolCallStep } from "./agent_fixtures.js";
import { extraResults } from "./extra_golden.js";
import { recordReports } from "./recording_observer.js";

/** A call as it was recorded: what the Python function got, or the error that the model got. */
interface Call {
  arguments: string;
  got?: Record<string, unknown>;
  error?: string;
}

const TOOLS = extraResults("tool_arguments") as Record<string, { parameters: JsonSchema; calls: Call[] }>;

/** The intended differences, by tool and arguments, each with what happens here. */
const DIFFERENCES: readonly { tool: string; args: string; ours: Omit<Call, "arguments">; reason: string }[] = [
  {
    tool: "integer",
    args: '{"x": 1e+20}',
    ours: { got: { x: 1e20 } },
    reason: "JavaScript has one type of numbers; Python refuses floats of this size, and takes integers",
  },
  {
    tool: "integer",
    args: '{"x": "9007199254740993"}',
    ours: {
      error: "Error: 1 validation error for integer\nx\n  Input should be a valid integer, exceeded maximum size",
    },
    reason: "a number would be rounded to another integer; Python's integers have any size",
  },
  ...["inf", "nan", "+inf", "NaN"].map((text) => ({
    tool: "number",
    args: `{"x": "${text}"}`,
    ours: {
      error:
        "Error: 1 validation error for number\nx\n  Input should be a valid number, unable to parse string as a number",
    },
    reason: "Python's names of numbers that JSON does not have; `Infinity` is JavaScript's",
  })),
  {
    tool: "pair",
    args: '{"x": [1]}',
    ours: {
      error: "Error: 1 validation error for pair\nx\n  Tuple should have at least 2 items after validation, not 1",
    },
    reason: "the limit is in the JSON Schema, the items that are required are not",
  },
  {
    tool: "pair",
    args: '{"x": []}',
    ours: {
      error: "Error: 1 validation error for pair\nx\n  Tuple should have at least 2 items after validation, not 0",
    },
    reason: "as before",
  },
  {
    tool: "integer_literal",
    args: '{"x": "1"}',
    ours: { got: { x: 1 } },
    reason:
      "in JSON Schema a literal of integers is the same as an enumeration of them, for which Python takes the text",
  },
  {
    tool: "limits",
    args: '{"x": {"counts": {"a": 1, "b": 2, "c": 3}}}',
    ours: {
      error:
        "Error: 1 validation error for limits\nx.counts\n" +
        "  Dictionary should have at most 2 items after validation, not 3",
    },
    reason: "the number is known",
  },
  {
    tool: "day",
    args: '{"x": "tomorrow"}',
    ours: { got: { x: "tomorrow" } },
    reason: "`format` is not checked, because it is text for the tool; a validator of the program's own can check it",
  },
  {
    tool: "none",
    args: '{"x": 1}',
    ours: { got: { x: 1 } },
    reason: "a schema that names no property at all describes none, and removes none",
  },
];

/** What a tool with these parameters gets, or the error that the model gets. */
async function call(name: string, parameters: JsonSchema, args: string): Promise<Omit<Call, "arguments">> {
  const { agent: caller, model } = agentWithScript("caller", [toolCallStep(name, args), "Done."]);
  const executor = plainAgent("executor");
  const got: unknown[] = [];
  const tool = (given: Record<string, unknown>): string => (got.push(structuredClone(given)), "called");
  registerFunction(tool, { caller, executor, name, description: "A tool", parameters });
  await executor.initiateChat(caller, { message: "Go." });
  const error = String(model.requests[1]?.messages.at(-1)?.content);
  return error === "called" ? { got: got[0] as Record<string, unknown> } : { error };
}

/** Numbers that JSON does not have are text in the recording. */
const recordable = (value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value)
    ? String(value).toLowerCase().replace("infinity", "inf")
    : Array.isArray(value)
      ? value.map(recordable)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, recordable(each)]))
        : value;

for (const [name, { parameters, calls }] of Object.entries(TOOLS)) {
  test(`a tool of the parameters of \`${name}\` gets what it gets in Python, or the model the same error`, async () => {
    for (const { arguments: args, got, error } of calls) {
      const difference = DIFFERENCES.find((each) => each.tool === name && each.args === args);
      // The classes of Python's values are of no use to a model.
      const python = error === undefined ? { got } : { error: error.replace(/ or instance of \w+/g, "") };
      assert.deepEqual(recordable(await call(name, parameters, args)), difference?.ours ?? python, args);
    }
  });
}

test("every listed difference is one of a recorded call", () => {
  const isListed = ({ tool, args }: { tool: string; args: string }): boolean =>
    TOOLS[tool]?.calls.some((each) => each.arguments === args) ?? false;
  assert.deepEqual(
    DIFFERENCES.filter((difference) => !isListed(difference)),
    [],
  );
});

const objectOf = (properties: Record<string, unknown>, more: JsonSchema = {}): JsonSchema => ({
  type: "object",
  properties,
  ...more,
});

const MORE: readonly [what: string, parameters: JsonSchema, args: string, expected: Omit<Call, "arguments">][] = [
  [
    "a list of types",
    objectOf({ x: { type: ["integer", "null"] }, y: { type: ["string", "number"] }, z: { type: ["null"] } }),
    '{"x": "5", "y": 2, "z": null}',
    { got: { x: 5, y: 2, z: null } },
  ],
  ["OpenAPI's `nullable`", objectOf({ x: { type: "integer", nullable: true } }), '{"x": null}', { got: { x: null } }],
  [
    "`oneOf`",
    objectOf({ x: { oneOf: [{ type: "boolean" }, { type: "array", items: { type: "integer" } }] } }),
    '{"x": ["1"]}',
    { got: { x: [1] } },
  ],
  [
    "`allOf`",
    objectOf(
      {
        x: { allOf: [{ $ref: "#/$defs/A" }, objectOf({ b: { type: "integer" } }, { required: ["b"] })] },
      },
      { $defs: { A: objectOf({ a: { type: "integer" } }) } },
    ),
    '{"x": {"a": "1", "b": "2", "c": 3}}',
    { got: { x: { a: 1, b: 2 } } },
  ],
  [
    "one of two properties",
    objectOf({ a: { type: "integer" }, b: { type: "integer" } }, { anyOf: [{ required: ["a"] }, { required: ["b"] }] }),
    '{"b": "2"}',
    { got: { b: 2 } },
  ],
  [
    "neither of two properties",
    objectOf({ a: { type: "integer" }, b: { type: "integer" } }, { anyOf: [{ required: ["a"] }, { required: ["b"] }] }),
    "{}",
    { error: "Error: 2 validation errors for act\nany.a\n  Field required\nany.b\n  Field required" },
  ],
  [
    "a reference to the whole schema",
    objectOf({ value: { type: "integer" }, next: { $ref: "#" } }),
    '{"value": "1", "next": {"value": "2"}}',
    { got: { value: 1, next: { value: 2 } } },
  ],
  [
    "a reference beside a default and a description",
    objectOf(
      { x: { $ref: "#/definitions/Level", default: "low" } },
      { definitions: { Level: { enum: ["low", "high"] } } },
    ),
    "{}",
    { got: { x: "low" } },
  ],
  [
    "a reference to itself",
    objectOf({ x: { $ref: "#/$defs/A" } }, { $defs: { A: { $ref: "#/$defs/A" } } }),
    '{"x": 1}',
    { got: { x: 1 } },
  ],
  ["a reference to nothing", objectOf({ x: { $ref: "#/$defs/B" } }), '{"x": "1"}', { got: { x: "1" } }],
  [
    "a definition whose name has a slash",
    objectOf({ x: { $ref: "#/$defs/a~1b" } }, { $defs: { "a/b": { type: "integer" } } }),
    '{"x": "1"}',
    { got: { x: 1 } },
  ],
  ["nothing about a property", objectOf({ x: {}, y: true }), '{"x": [1], "y": "z"}', { got: { x: [1], y: "z" } }],
  [
    "no type beside limits",
    objectOf({ x: { minimum: 3 } }),
    '{"x": 2}',
    { error: "Error: 1 validation error for act\nx\n  Input should be greater than or equal to 3" },
  ],
  ["no properties", { type: "object" }, '{"x": "1"}', { got: { x: "1" } }],
  [
    "properties of any name",
    { type: "object", additionalProperties: { type: "integer" } },
    '{"x": "1", "y": "z"}',
    {
      error:
        "Error: 1 validation error for act\ny\n  Input should be a valid integer, unable to parse string as an integer",
    },
  ],
  [
    "no other properties",
    objectOf({ x: { type: "integer" } }, { additionalProperties: false }),
    '{"x": 1, "y": 2}',
    { error: "Error: 1 validation error for act\ny\n  Extra inputs are not permitted" },
  ],
  [
    "properties with names of every object",
    objectOf({ constructor: { type: "string" }, toString: { default: 1 } }, { required: ["constructor"] }),
    '{"__proto__": {"constructor": "no"}}',
    { error: "Error: 1 validation error for act\nconstructor\n  Field required" },
  ],
  [
    "an own property called __proto__",
    { type: "object", additionalProperties: true },
    '{"__proto__": {"admin": true}}',
    { got: JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown> },
  ],
  [
    "an enumeration of objects",
    objectOf({ x: { enum: [{ a: 1 }, [2]] } }),
    '{"x": {"a": 1}}',
    { got: { x: { a: 1 } } },
  ],
  [
    "an enumeration with null",
    objectOf({ x: { type: "integer", enum: [1, null] }, y: { type: "number", const: null } }),
    '{"x": "x", "y": "y"}',
    {
      error: "Error: 2 validation errors for act\nx\n  Input should be 1 or None\ny\n  Input should be None",
    },
  ],
  [
    "booleans that are numbers",
    objectOf({ x: { type: "boolean" }, y: { type: "integer", enum: [0, 1] } }),
    '{"x": 1, "y": true}',
    { got: { x: true, y: 1 } },
  ],
  [
    "an integer of many digits",
    objectOf({ x: { type: "integer" } }),
    `{"x": "${"9".repeat(400)}"}`,
    { error: "Error: 1 validation error for act\nx\n  Input should be a valid integer, exceeded maximum size" },
  ],
];

for (const [what, parameters, args, expected] of MORE)
  test(`arguments are checked against a schema with ${what}`, async () => {
    const { got, error } = await call("act", parameters, args);
    assert.deepEqual(
      error === undefined ? { got: { ...got } } : { error },
      "got" in expected ? { got: { ...expected.got } } : expected,
    );
  });

test("a refused argument makes the tool's scope fail, with the arguments as the model sent them", async () => {
  const { agent: caller } = agentWithScript("caller", [toolCallStep("act", { x: "five" }), "Done."]);
  const executor = plainAgent("executor");
  const parameters = objectOf({ x: { type: "integer" } });
  registerFunction(() => assert.fail(), { caller, executor, name: "act", description: "Acts", parameters });

  const recorded = await recordReports(() => executor.initiateChat(caller, { message: "Go." }));

  assert.deepEqual(recorded.starts("toolCall")[0]?.arguments, { x: "five" });
  assert.deepEqual(
    recorded.failures.map(([scope]) => scope),
    ["toolCall act"],
  );
});

test("a converted argument is reported as the tool gets it, and the model's message keeps its own", async () => {
  const { agent: caller, model } = agentWithScript("caller", [toolCallStep("act", '{"x": "5"}'), "Done."]);
  const executor = plainAgent("executor");
  const parameters = objectOf({ x: { type: "integer" } });
  registerFunction(({ x }) => x, { caller, executor, name: "act", description: "Acts", parameters });

  const recorded = await recordReports(() => executor.initiateChat(caller, { message: "Go." }));

  assert.deepEqual(recorded.starts("toolCall")[0]?.arguments, { x: 5 });
  assert.equal(model.requests[1]?.messages.at(-2)?.tool_calls?.[0]?.function.arguments, '{"x": "5"}');
});
