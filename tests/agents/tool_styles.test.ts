/** Functions with a parameter for each argument, as Python's tools have them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type JsonSchema,
  registerFunction,
  Tool,
  type ToolContext,
  type ToolFunction,
  type ToolParameters,
} from "mlflow-ag2/agents";
import * as valibot from "valibot";
import * as zod from "zod";
import { agentWithScript, plainAgent, toolCallStep } from "./agent_fixtures.js";

const NUMBERS: JsonSchema = {
  type: "object",
  properties: { a: { type: "integer" }, b: { type: "integer", default: 20 } },
  required: ["a"],
};

/** What the model gets after a call of `fn`; the compiler would refuse most of these functions. */
async function resultFor(
  fn: unknown,
  args: Record<string, unknown>,
  parameters: ToolParameters = NUMBERS,
): Promise<unknown> {
  const { agent: caller, model } = agentWithScript("caller", [toolCallStep("tool", args), "Done."]);
  const executor = plainAgent("executor");
  registerFunction(fn as ToolFunction, { caller, executor, name: "tool", description: "A tool", parameters });
  await executor.initiateChat(caller, { message: "Go." });
  return model.requests[1]?.messages.at(-1)?.content;
}

class Calculator {
  readonly factor = 1;
  minus(a: number, b: number): number {
    return a - b;
  }
  static async minus(a: number, b: number): Promise<number> {
    return a - b;
  }
}

const SEPARATE: Readonly<Record<string, unknown>> = {
  "a function": function minus(a: number, b: number) {
    return a - b;
  },
  "an arrow function": (a: number, b: number) => a - b,
  "an async arrow function": async (a: number, b: number) => a - b,
  "a method": new Calculator().minus,
  "a static async method": Calculator.minus,
  "parameters in another order": (b: number, a: number) => a - b,
  "a default value": (a: number, b = 1) => a - b,
  "default values with commas and brackets": (a: number, b = Math.max(1, Math.min(2, 3)), c = [1, 2].length) =>
    c > 9 ? 0 : a - b,
  "comments between": (a /* the first (of two) */: number, b: number /* , the second */) =>
    // Not the sum (a, b).
    a - b,
  "the context at the end": (a: number, b: number, context: ToolContext) =>
    context.agent.name === "executor" ? a - b : 0,
  "an object as the only parameter": (args: { a: number; b: number }) => args.a - args.b,
  "an object by the name of an argument": (a: { a: number; b: number }) => a.a - a.b,
  "an object that is taken apart inside": (a: { a: number; b: number }) => {
    const { a: first, b } = a;
    return first - b;
  },
  "an object and the context": ({ a, b }: { a: number; b: number }, context: ToolContext) =>
    context.agent.name === "executor" ? a - b : 0,
  "an object and parts of the context": (
    args: { a: number; b: number },
    { agent, contextVariables, scope }: ToolContext,
  ) => (agent.name === "executor" && contextVariables && scope ? args.a - args.b : 0),
  "parts of the context at the end": (a: number, b: number, { agent, dependencies }: ToolContext) =>
    agent.name === "executor" && dependencies ? a - b : 0,
  "a rest parameter": (...all: [{ a: number; b: number }]) => all[0].a - all[0].b,
};

for (const [what, fn] of Object.entries(SEPARATE))
  test(`a tool with ${what} gets its arguments`, async () => {
    assert.equal(await resultFor(fn, { a: "230", b: 20 }), "210");
    if (!String(fn).includes("= 1"))
      assert.equal(await resultFor(fn, { a: 230 }), "210", "with the default of the schema");
  });

test("a tool with one parameter gets its only argument", async () => {
  const parameters = { type: "object", properties: { $x: { type: "integer" } }, required: ["$x"] };
  assert.equal(await resultFor(($x: number) => 2 * $x, { $x: "21" }, parameters), "42");
  assert.equal(
    await resultFor(
      async function double($x: number) {
        return 2 * $x;
      },
      { $x: 21 },
      parameters,
    ),
    "42",
  );
});

test("an argument that is an object is not taken for the object of all arguments", async () => {
  const parameters = { type: "object", properties: { point: { type: "object" } }, required: ["point"] };
  assert.equal(await resultFor((point: { x: number }) => point.x + 1, { point: { x: 1 } }, parameters), "2");
  const inside = (point: { x: number }): number => {
    const { x } = point;
    return x + 1;
  };
  assert.equal(await resultFor(inside, { point: { x: 1 } }, parameters), "2");
});

test("a validator's arguments are given one by one too, and a missing one is undefined", async () => {
  const parameters = zod.object({ a: zod.coerce.number(), b: zod.number().optional() });
  assert.equal(await resultFor((a: number, b = 1) => a - b, { a: "230", b: 20 }, parameters), "210");
  assert.equal(await resultFor((a: number, b = 1) => a - b, { a: "230" }, parameters), "229");
});

const REFUSED: Readonly<Record<string, unknown>> = {
  "other names": (x: number, y: number, z: number) => x - y - z,
  "one name too many": (a: number, other: number, b: number) => a - b - other,
  "names that cannot be read": ((a: number, b: number, c: number) => a - b - c).bind(undefined),
};

for (const [what, fn] of Object.entries(REFUSED))
  test(`a function with ${what} is refused when it is registered, with the fix`, () => {
    const { agent } = agentWithScript("caller", []);
    const refusal = {
      code: "invalid_option",
      message: /the function of tool `tool` has other parameters .*`\(\{ a, b \}\) => …`/,
    };
    const options = { name: "tool", description: "A tool", parameters: NUMBERS };
    assert.throws(() => agent.registerForLlm(options)(fn as ToolFunction), refusal);
    assert.throws(() => plainAgent("executor").registerForExecution(options)(fn as ToolFunction), refusal);
    assert.equal(plainAgent("executor").canExecuteFunction("tool"), false);
  });

test("a function of a function map has no parameters that are known, and gets the model's arguments by name", async () => {
  const minus = (a: number, b: number, c: number): number => a - b - c;
  const agent = plainAgent("agent", { functionMap: { minus: minus as unknown as ToolFunction } });

  assert.deepEqual(await agent.executeFunction({ name: "minus", arguments: '{"c": 1, "a": 4, "b": 1}' }), [
    true,
    { name: "minus", role: "function", content: "2" },
  ]);
  const [isSuccess, { content }] = await agent.executeFunction({ name: "minus", arguments: '{"x": 1}' });
  assert.equal(isSuccess, false);
  assert.match(content, /^Error: the function of tool `minus` has other parameters/);
});

test("a tool that is registered for its model first is known to the agent that runs it", async () => {
  const { agent: caller, model } = agentWithScript("caller", [toolCallStep("minus", { a: 3, b: 1 }), "Done."]);
  const minus = ((a: number, b: number) => a - b) as unknown as ToolFunction;
  caller.registerForLlm({ name: "minus", description: "Subtracts", parameters: NUMBERS })(minus);
  const executor = plainAgent("executor", { functionMap: { minus: new Tool(minus, { name: "minus" }) } });

  await executor.initiateChat(caller, { message: "Go." });

  assert.equal(model.requests[1]?.messages.at(-1)?.content, "2");
});

test("the schema of a validator is not made again for calls of a function that takes one object apart", async () => {
  let made = 0;
  const schema = valibot.object({ a: valibot.number() });
  const { agent: caller } = agentWithScript("caller", [
    toolCallStep("tool", { a: 1 }),
    toolCallStep("tool", { a: 2 }),
    "Done.",
  ]);
  const executor = plainAgent("executor");
  const options = { name: "tool", description: "A tool", parameters: schema };
  const toJsonSchema = (): object => (made++, { type: "object", properties: { a: { type: "number" } } });
  registerFunction(({ a }) => a, { caller, executor, ...options, toJsonSchema });

  await executor.initiateChat(caller, { message: "Go." });

  assert.equal(made, 1);
});
