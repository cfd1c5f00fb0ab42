/** Tools: execution, arguments, context and responses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ChatMessage,
  ConversableAgent,
  type ConversableAgentOptions,
  registerFunction,
  type ToolFunction,
} from "mlflow-ag2/agents";
import type { ScriptStep } from "mlflow-ag2/agents/testing";
import { recordReports } from "./recording_observer.js";
import { agentWithScript, toolCallStep, plainAgent, agentsWithTool, nextTask } from "./agent_fixtures.js";

/** The text that the model gets after a call of `tool` with these arguments. */
async function answerOf(
  tool: ToolFunction<never>,
  args: Record<string, unknown> | string = {},
  step: Partial<ScriptStep> = {},
): Promise<ChatMessage | undefined> {
  const { helper, user, model } = agentsWithTool(tool, [{ ...toolCallStep("tool", args), ...step }, "Done."]);
  await user.initiateChat(helper, { message: "Go." });
  model.assertFinished();
  return model.requests[1]?.messages.at(-1);
}

const contentOf = async (...call: Parameters<typeof answerOf>): Promise<unknown> => (await answerOf(...call))?.content;

test("results become text", async () => {
  class Point {
    toJSON(): object {
      return { x: 1 };
    }
  }
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const results: [unknown, string][] = [
    ["text", "text"],
    [42, "42"],
    [2.5, "2.5"],
    [NaN, "NaN"],
    [12345678901234567890n, "12345678901234567890"],
    [false, "false"],
    [null, "null"],
    [undefined, "null"],
    [[1, "a"], '[1,"a"]'],
    [{ big: 1n }, '{"big":"1"}'],
    [new Point(), '{"x":1}'],
    [cyclic, "[object Object]"],
  ];
  for (const [result, text] of results) assert.equal(await contentOf(async () => result), text);
});

test("a tool gets its arguments in one object, and the context of the call", async () => {
  let seen: unknown[] = [];
  await answerOf(
    (args: object, context) => void (seen = [args, context.agent.name, context.sender?.name, context.scope?.kind]),
    { x: [1] },
  );

  assert.deepEqual(seen, [{ x: [1] }, "user", "helper", "toolCall"]);
});

test("the model gets the error of a tool", async () => {
  assert.equal(
    await contentOf(() => {
      throw new TypeError("no such thing");
    }),
    "Error: no such thing",
  );
  assert.equal(
    await contentOf(async () => {
      throw "just text";
    }),
    "Error: just text",
  );
});

test("JSON with raw line breaks and tabs is repaired, other invalid JSON is reported to the model", async () => {
  const echo = ({ x }: { x: string }): string => x;
  assert.equal(await contentOf(echo, '{\n"x": "a\nb\tc \\"quoted\\""\n}'), 'a\nb\tc "quoted"');
  assert.match(String(await contentOf(echo, '{"x": ')), /^Error: .+\n The argument must be in JSON format\.$/);
  assert.equal(await contentOf(echo, "[1]"), "Error: the arguments must be a JSON object");
});

test("the schema's defaults replace missing arguments, copied for each call", async () => {
  const { agent: helper } = agentWithScript("helper", [
    toolCallStep("add", { item: "a" }),
    toolCallStep("add", { item: "b" }),
    "Done.",
  ]);
  const user = plainAgent("user");
  const lists: unknown[] = [];
  const add = ({ item, list }: { item: string; list: string[] }): void => void lists.push((list.push(item), list));
  const parameters = {
    type: "object",
    properties: { item: { type: "string" }, list: { type: "array", default: [] } },
    required: ["item"],
  };
  registerFunction(add, { caller: helper, executor: user, description: "Adds", parameters });

  await user.initiateChat(helper, { message: "Go." });

  assert.deepEqual(lists, [["a"], ["b"]]);
});

test("a required argument is missing even if every object has something of that name", async () => {
  const { agent: helper, model } = agentWithScript("helper", [toolCallStep("look", {}), "Done."]);
  const user = plainAgent("user");
  const parameters = { type: "object", properties: { constructor: { type: "string" } }, required: ["constructor"] };
  registerFunction(() => "seen", { caller: helper, executor: user, name: "look", description: "Looks", parameters });

  await user.initiateChat(helper, { message: "Go." });

  assert.equal(
    model.requests[1]?.messages.at(-1)?.content,
    "Error: 1 validation error for look\nconstructor\n  Field required",
  );
});

/** Two calls of a tool that takes a while, by agents with these options: what happened, and the responses. */
async function twoCalls(
  options: Partial<ConversableAgentOptions>,
): Promise<{ events: string[]; responses: unknown[] }> {
  const events: string[] = [];
  const tool = async ({ n }: { n: number }): Promise<number> => {
    events.push(`start ${n}`);
    for (let tasks = n === 1 ? 3 : 1; tasks > 0; tasks--) await nextTask();
    events.push(`end ${n}`);
    return n;
  };
  const calls = [1, 2].map((n) => ({ id: `call_${n}`, name: "tool", arguments: { n } }));
  const { helper, user, model } = agentsWithTool(tool, [{ tool_calls: calls }, "Done."], options);
  await user.initiateChat(helper, { message: "Go." });
  const responses = model.requests[1]?.messages.slice(-2).map(({ tool_call_id, content }) => [tool_call_id, content]);
  return { events, responses: responses ?? [] };
}

const IN_ORDER = [
  ["call_1", "1"],
  ["call_2", "2"],
];

test("tools of one message run one after the other, and respond in order", async () => {
  assert.deepEqual(await twoCalls({}), { events: ["start 1", "end 1", "start 2", "end 2"], responses: IN_ORDER });
});

test("with `parallelToolCalls`, tools of one message start in order, run concurrently, and respond in order", async () => {
  assert.deepEqual(await twoCalls({ parallelToolCalls: true }), {
    events: ["start 1", "start 2", "end 2", "end 1"],
    responses: IN_ORDER,
  });
});

test("two withdrawals from one balance do not race", async () => {
  let balance = 100;
  const tool = async (): Promise<string> => {
    if (balance < 80) return "refused";
    await nextTask();
    balance -= 80;
    return `left ${balance}`;
  };
  const calls = ["c1", "c2"].map((id) => ({ id, name: "tool", arguments: {} }));
  const { helper, user, model } = agentsWithTool(tool, [{ tool_calls: calls }, "Done."]);

  await user.initiateChat(helper, { message: "Go." });

  assert.deepEqual(
    model.requests[1]?.messages.slice(-2).map(({ content }) => content),
    ["left 20", "refused"],
  );
});

test("no tool runs after one that ends the chat by its signal", async () => {
  const ended = new AbortController();
  const started: number[] = [];
  const tool = ({ n }: { n: number }): void => {
    started.push(n);
    ended.abort(new Error("enough"));
  };
  const calls = [1, 2].map((n) => ({ id: `call_${n}`, name: "tool", arguments: { n } }));
  const { helper, user } = agentsWithTool(tool, [{ tool_calls: calls }]);

  await assert.rejects(user.initiateChat(helper, { message: "Go.", signal: ended.signal }), /enough/);
  assert.deepEqual(started, [1]);
});

for (const args of ["", "  \n", "null", "{}"])
  test(`the arguments ${JSON.stringify(args)} are no arguments`, async () => {
    assert.equal(await contentOf((given: object) => JSON.stringify(given), args), "{}");
  });

test("arguments that a server has parsed already are accepted", async () => {
  const agent = plainAgent("agent", { functionMap: { echo: (args: object) => JSON.stringify(args) } });
  const call = { name: "echo", arguments: { x: 1 } as unknown as string };

  assert.deepEqual((await agent.executeFunction(call))[1].content, '{"x":1}');
  assert.deepEqual((await agent.executeFunction({ name: "echo" } as never))[1].content, "{}");
});

test("invented names of a model are converted to names that the API accepts", async () => {
  const { helper, user, model } = agentsWithTool(() => 1, [toolCallStep("my tool!"), "Done."]);

  await user.initiateChat(helper, { message: "Go." });

  assert.equal(model.requests[1]?.messages.at(-2)?.tool_calls?.[0]?.function.name, "my_tool_");
  assert.equal(model.requests[1]?.messages.at(-1)?.content, "Error: Function my_tool_ not found.");
});

test("the response to a call without an id has none", async () => {
  const replies: ChatMessage[] = [
    { content: null, tool_calls: [{ id: null, type: null, function: { name: "tool", arguments: "{}" } }] },
    { content: "Done." },
  ];
  const requests: ChatMessage[][] = [];
  const client = {
    create: async ({ messages }: Readonly<{ messages: ChatMessage[] }>) => (
      requests.push(messages), { model: "gpt-4o", choices: [{ message: replies.shift() as ChatMessage }] }
    ),
  };
  const helper = plainAgent("helper", { llmConfig: { model: "gpt-4o", client } });
  const user = plainAgent("user", { functionMap: { tool: () => 1 } });

  await user.initiateChat(helper, { message: "Go." });

  assert.deepEqual(requests[1]?.slice(-2), [
    { tool_calls: [{ function: { name: "tool", arguments: "{}" } }], content: null, role: "assistant" },
    { role: "tool", content: "1" },
  ]);
});

test("executeFunction can be called directly and overridden", async () => {
  class Elsewhere extends ConversableAgent {
    override async executeFunction(call: { name: string }): ReturnType<ConversableAgent["executeFunction"]> {
      return [true, { name: call.name, role: "function", content: "from elsewhere" }];
    }
  }
  const message = { tool_calls: [{ id: "1", function: { name: "tool", arguments: "{}" } }] };
  const reply = await new Elsewhere({ name: "elsewhere", humanInputMode: "NEVER", silent: true }).generateReply({
    messages: [message],
  });
  assert.deepEqual(reply, {
    role: "tool",
    tool_responses: [{ tool_call_id: "1", role: "tool", content: "from elsewhere" }],
    content: "from elsewhere",
  });

  const agent = plainAgent("agent", { functionMap: { double: ({ x }: { x: number }) => 2 * x } });
  assert.deepEqual(await agent.executeFunction({ name: "double", arguments: '{"x": 21}' }), [
    true,
    { name: "double", role: "function", content: "42" },
  ]);
  assert.deepEqual(await agent.executeFunction({ name: "triple", arguments: "{}" }), [
    false,
    { name: "triple", role: "function", content: "Error: Function triple not found." },
  ]);
});

test("a tool's context has the agent's variables and the dependencies of the chat", async () => {
  const contextVariables = { owner: "Ada" };
  const database = new Map([["Ada", 12]]);
  const { helper, user, model } = agentsWithTool(
    (_args, { agent, contextVariables: variables, dependencies }) => {
      const balances = dependencies["database"] as typeof database;
      variables["asked"] = true;
      return `${agent.name}: ${String(variables["owner"])} has ${balances.get(String(variables["owner"]))}`;
    },
    [toolCallStep("tool"), "Done."],
    { contextVariables },
  );

  const recorded = await recordReports(() =>
    user.initiateChat(helper, { message: "Go.", dependencies: { database }, note: "kept" }),
  );

  assert.equal(model.requests[1]?.messages.at(-1)?.content, "user: Ada has 12");
  assert.deepEqual(contextVariables, { owner: "Ada", asked: true });
  assert.deepEqual(recorded.starts("chat")[0]?.extra, { note: "kept" }, "dependencies are not in the report");
});

test("a chat within a tool inherits dependencies, and may have its own beside them", async () => {
  const seen: unknown[] = [];
  const inner = agentsWithTool(
    (_args, { dependencies }) => void seen.push(dependencies),
    [toolCallStep("tool"), "Done.", toolCallStep("tool"), "Done."],
  );
  const outer = agentsWithTool(
    async (_args, context) => {
      await inner.user.initiateChat(inner.helper, { message: "Inner.", context });
      await inner.user.initiateChat(inner.helper, { message: "Inner.", context, dependencies: { b: 3, c: 4 } });
    },
    [toolCallStep("tool"), "Done."],
  );

  await outer.user.initiateChat(outer.helper, { message: "Go.", dependencies: { a: 1, b: 2 } });
  const direct = plainAgent("direct", {
    functionMap: { tool: (_args: object, { dependencies }) => void seen.push(dependencies) },
  });
  await direct.executeFunction({ name: "tool", arguments: "{}" });

  assert.deepEqual(seen, [{ a: 1, b: 2 }, { a: 1, b: 3, c: 4 }, {}]);
});
