/** Tools whose parameters are a validator: of zod, valibot, or any library that follows Standard Schema. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toJsonSchema, toStandardJsonSchema } from "@valibot/to-json-schema";
import { type ConversableAgent, registerFunction, type StandardSchema } from "mlflow-ag2/agents";
import * as valibot from "valibot";
import * as zod from "zod";
import { agentWithScript, toolCallStep, plainAgent } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";

/** The description that the model got of the only tool. */
function toolDescription(agent: ConversableAgent): unknown {
  assert.ok(agent.llmConfig !== false);
  return (agent.llmConfig.tools![0]!["function"] as { parameters: unknown }).parameters;
}

/** The text that the model gets after a call of `tool` with these arguments. */
async function answerTo(
  args: Record<string, unknown> | string,
  register: (assistant: ConversableAgent, user: ConversableAgent) => void,
) {
  const { agent: assistant, model } = agentWithScript("assistant", [toolCallStep("tool", args), "Done."]);
  const user = plainAgent("user");
  register(assistant, user);
  const recorded = await recordReports(() => user.initiateChat(assistant, { message: "Go.", maxTurns: 2 }));
  model.assertFinished();
  return { answer: model.requests[1]?.messages.at(-1)?.content, recorded, assistant };
}

test("zod: the model gets the JSON Schema, and the tool the validator's output", async () => {
  const parameters = zod.object({
    city: zod.string().trim().describe("the city"),
    days: zod.number().int().default(3).describe("how many"),
    since: zod.string().transform((text) => new Date(text)),
  });

  const { answer, recorded, assistant } = await answerTo({ city: " Ulm ", since: "2026-01-02" }, (caller, executor) => {
    const tool = caller.registerForLlm({ name: "tool", description: "A tool", parameters })(
      // The compiler infers these types from the validator.
      ({ city, days, since }) => `${city.toUpperCase()}, ${days.toFixed(1)}, ${since.getUTCFullYear()}`,
    );
    executor.registerForExecution()(tool);
  });

  assert.equal(answer, "ULM, 3.0, 2026");
  assert.deepEqual(toolDescription(assistant), {
    type: "object",
    properties: {
      city: { type: "string", description: "the city" },
      days: {
        type: "integer",
        minimum: -9007199254740991,
        maximum: 9007199254740991,
        default: 3,
        description: "how many",
      },
      since: { type: "string" },
    },
    required: ["city", "since"],
  });
  assert.deepEqual(recorded.starts("toolCall")[0]?.arguments, { city: "Ulm", days: 3, since: new Date("2026-01-02") });
});

test("valibot: its function that makes a JSON Schema is passed beside the validator", async () => {
  const parameters = valibot.object({
    a: valibot.pipe(valibot.number(), valibot.integer()),
    b: valibot.optional(valibot.number(), 2),
  });

  const { answer, assistant } = await answerTo(
    { a: 40 },
    (caller, executor) =>
      void registerFunction(({ a, b }) => a + b, { caller, executor, name: "tool", parameters, toJsonSchema }),
  );

  assert.equal(answer, "42");
  assert.deepEqual(toolDescription(assistant), {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "number", default: 2 } },
    required: ["a"],
  });
});

test("valibot: a validator that knows its JSON Schema needs nothing beside it", async () => {
  const parameters = toStandardJsonSchema(valibot.object({ a: valibot.number() }));

  const { answer, assistant } = await answerTo(
    { a: 21 },
    (caller, executor) => void registerFunction(({ a }) => 2 * a, { caller, executor, name: "tool", parameters }),
  );

  assert.equal(answer, "42");
  assert.deepEqual(toolDescription(assistant), {
    type: "object",
    properties: { a: { type: "number" } },
    required: ["a"],
  });
});

test("a validator that cannot make its JSON Schema is rejected with the fix", () => {
  const { agent } = agentWithScript("assistant", []);

  assert.throws(
    () => agent.registerForLlm({ name: "tool", parameters: valibot.object({ a: valibot.number() }) })(() => 1),
    {
      code: "invalid_option",
      message: /the validator of tool `tool`, made by `valibot`, .*give `toJsonSchema` beside `parameters`/,
    },
  );
});

test("invalid arguments are reported in Python's format", async () => {
  const parameters = zod.object({ user: zod.object({ age: zod.number() }), tags: zod.array(zod.string()) });
  const args = { user: { age: "old" }, tags: ["a", 2] };

  const { answer, recorded } = await answerTo(
    args,
    (caller, executor) => void registerFunction(() => "never", { caller, executor, name: "tool", parameters }),
  );

  const [age, tag] = String(answer).split("\ntags.1\n");
  assert.equal(age, "Error: 2 validation errors for tool\nuser.age\n  Invalid input: expected number, received string");
  assert.match(tag ?? "", /^ {2}Invalid input.*string/);
  assert.deepEqual(recorded.starts("toolCall")[0]?.arguments, args, "observers see what the model sent");
  assert.deepEqual(
    recorded.failures.map(([scope]) => scope),
    ["toolCall tool"],
  );
});

test("an issue with the whole value has no path", async () => {
  const parameters = zod
    .object({ from: zod.number(), to: zod.number() })
    .refine(({ from, to }) => from < to, "The range is empty");

  const { answer } = await answerTo(
    { from: 2, to: 1 },
    (caller, executor) => void registerFunction(() => "never", { caller, executor, name: "tool", parameters }),
  );

  assert.equal(answer, "Error: 1 validation error for tool\n  The range is empty");
});

test("validation may be asynchronous, within the tool's own scope", async () => {
  const parameters = zod.object({
    name: zod
      .string()
      .refine(async (name) => name !== "taken", "The name is taken")
      .transform((name) => `${name}!`),
  });
  const register = (caller: ConversableAgent, executor: ConversableAgent): void =>
    void registerFunction(({ name }) => name, { caller, executor, name: "tool", parameters });

  const good = await answerTo({ name: "free" }, register);
  const bad = await answerTo({ name: "taken" }, register);

  assert.equal(good.answer, "free!");
  assert.deepEqual(
    good.recorded.starts("toolCall")[0]?.arguments,
    { name: "free" },
    "as sent, for it starts before it is known",
  );
  assert.equal(bad.answer, "Error: 1 validation error for tool\nname\n  The name is taken");
  assert.deepEqual(
    bad.recorded.failures.map(([scope]) => scope),
    ["toolCall tool"],
  );
});

test("a custom validator needs no library", async () => {
  const parameters: StandardSchema<{ text: string }, { text: string }> = {
    "~standard": {
      version: 1,
      vendor: "mine",
      validate: (value) =>
        typeof (value as { text?: unknown }).text === "string"
          ? { value: value as { text: string } }
          : { issues: [{ message: "No text", path: [{ key: "text" }] }] },
      jsonSchema: {
        input: ({ target }) =>
          target === "draft-07"
            ? { $schema: "http://json-schema.org/draft-07/schema#", type: "object" }
            : assert.fail(),
      },
    },
  };
  const register = (caller: ConversableAgent, executor: ConversableAgent): void =>
    void registerFunction(({ text }) => text.length, { caller, executor, name: "tool", parameters });

  const { answer, assistant } = await answerTo({ text: "abc" }, register);

  assert.equal(answer, "3");
  assert.deepEqual(toolDescription(assistant), { type: "object" });
  assert.equal((await answerTo({}, register)).answer, "Error: 1 validation error for tool\ntext\n  No text");
});

test("the model gets the error of a validator that throws, as of a tool", async () => {
  const parameters = zod.object({
    a: zod.number().transform(() => {
      throw new Error("cannot cope");
    }),
  });

  const { answer } = await answerTo(
    { a: 1 },
    (caller, executor) => void registerFunction(() => "never", { caller, executor, name: "tool", parameters }),
  );

  assert.equal(answer, "Error: cannot cope");
});
