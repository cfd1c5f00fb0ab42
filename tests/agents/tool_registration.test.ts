/** Registration of tools: at an agent, by `functions`, as a toolkit, and what the model reads of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Tool, Toolkit } from "mlflow-ag2/agents";
import { agentWithScript, plainAgent, toolCallStep } from "./agent_fixtures.js";

test("tools are sent in the API's format; a tool of the same name replaces the first", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const { agent, model } = agentWithScript("helper", ["Yes."]);
  const parameters = { type: "object", properties: { x: { type: "integer" } } };
  agent.registerForLlm({ name: "a", description: "First", parameters })(({ x }: { x: number }) => x);
  agent.registerForLlm({ name: "b", description: "Other" })(() => 1);
  agent.registerForLlm({ name: "a", description: "Second", parameters })(({ x }: { x: number }) => x);

  await agent.generateReply({ messages: [{ role: "user", content: "?" }] });

  assert.deepEqual(model.requests[0]?.tools, [
    {
      type: "function",
      function: { description: "Other", name: "b", parameters: { type: "object", properties: {}, required: [] } },
    },
    { type: "function", function: { description: "Second", name: "a", parameters } },
  ]);
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /`a` is being overridden/);
});

test("tools can be removed", async () => {
  const { agent, model } = agentWithScript("helper", ["Yes."]);
  agent.registerForLlm({ name: "a" })(() => 1);
  agent.registerForExecution({ name: "a" })(() => 1);
  assert.equal(agent.canExecuteFunction("a"), true);

  agent.updateToolSignature("a", { isRemove: true });
  agent.registerFunction({ a: null });

  await agent.generateReply({ messages: [{ role: "user", content: "?" }] });
  assert.equal(model.requests[0]?.tools, undefined);
  assert.deepEqual([agent.canExecuteFunction("a"), agent.functionMap.size], [false, 0]);
  assert.throws(() => agent.updateToolSignature("a", { isRemove: true }), { code: "tool_not_found" });
});

test("a registered tool can be registered again elsewhere, under another name too", () => {
  const { agent } = agentWithScript("helper", []);
  const fn = ({ x }: { x: number }): number => x;
  const parameters = { type: "object", properties: {} };
  const tool = agent.registerForLlm({ name: "a", description: "A tool", parameters })(fn);
  const other = plainAgent("user").registerForExecution({ name: "b" })(tool);

  assert.ok(tool instanceof Tool);
  assert.deepEqual(
    [other.name, other.description, other.parameters, other.fn === fn],
    ["b", "A tool", parameters, true],
  );
});

test("an invalid registration is rejected with its fix", () => {
  const { agent } = agentWithScript("helper", []);
  const takesArguments = ({ x }: { x: number }): number => x;

  assert.throws(() => plainAgent("user").registerForLlm({ name: "a" })(() => 1), { code: "missing_llm_config" });
  assert.throws(() => agent.registerForLlm({ name: "a" })(takesArguments), {
    code: "invalid_option",
    message: /has no `parameters`/,
  });
  assert.throws(() => agent.registerForExecution({ name: "no spaces" })(takesArguments), { code: "invalid_name" });
  assert.throws(
    () =>
      agent.registerForExecution()(
        (
          () => () =>
            1
        )(),
      ),
    { code: "invalid_name" },
  );
});

test("`functions` are tools of the agent's model, which another agent runs", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const parameters = { type: "object", properties: { x: { type: "integer" } }, required: ["x"] };
  const double = new Tool(({ x }: { x: number }) => 2 * x, { name: "double", description: "Doubles", parameters });
  function now(): string {
    return "noon";
  }
  const { agent: helper, model } = agentWithScript("helper", [toolCallStep("double", { x: "21" }), "Done."], {
    functions: [double, now, double],
  });
  const user = plainAgent("user");
  user.registerForExecution()(double);

  await user.initiateChat(helper, { message: "Go." });

  assert.deepEqual(
    model.requests[0]?.tools?.map((tool) => tool["function"]),
    [
      { name: "now", description: "", parameters: { type: "object", properties: {}, required: [] } },
      { name: "double", description: "Doubles", parameters },
    ],
  );
  assert.equal(model.requests[1]?.messages.at(-1)?.content, "42");
  assert.equal(helper.canExecuteFunction("double"), false, "as in AG2, they are not registered for execution");
  assert.equal(warn.mock.callCount(), 0);
});

test("`functions` need a model and parameters, like other tools", () => {
  const takesArguments = ({ x }: { x: number }): number => x;
  const double = new Tool(takesArguments, { name: "double" });
  assert.throws(() => plainAgent("agent", { functions: [() => 1] }), { code: "invalid_name" });
  const same = ["first", "second"].map((text) => new Tool(() => text, { name: "same" }));
  assert.throws(() => plainAgent("agent", { functions: same }), { code: "tool_name_conflict", message: /`same`/ });
  assert.throws(
    () =>
      plainAgent("agent", {
        functions: function one() {
          return 1;
        },
      }),
    { code: "missing_llm_config" },
  );
  assert.throws(() => agentWithScript("agent", [], { functions: [double] }), { code: "invalid_option" });
});

test("a toolkit registers its tools together", async () => {
  const toolOf = (name: string, result: number): Tool => new Tool(() => result, { name, description: name });
  const kit = new Toolkit([toolOf("one", 1), toolOf("two", 2), toolOf("one", 11)]);
  const { agent: helper, model } = agentWithScript("helper", [
    { tool_calls: ["one", "two", "three"].map((name) => ({ id: name, name })) },
    "Done.",
  ]);
  const user = plainAgent("user");
  kit.setTool(toolOf("three", 3));
  kit.registerForLlm(helper);
  kit.registerForExecution(user);

  await user.initiateChat(helper, { message: "Go." });

  assert.deepEqual(
    model.requests[0]?.tools?.map((tool) => (tool["function"] as { name: string }).name),
    ["one", "two", "three"],
  );
  assert.deepEqual(
    model.requests[1]?.messages.slice(-3).map(({ content }) => content),
    ["11", "2", "3"],
  );
  kit.removeTool("one");
  assert.deepEqual(
    [kit.size, kit.tools.map(({ name }) => name), kit.getTool("two").name],
    [2, ["two", "three"], "two"],
  );
  assert.throws(() => kit.getTool("one"), { code: "tool_not_found", message: /`one`/ });
  assert.throws(() => kit.removeTool("one"), { code: "tool_not_found" });
});
