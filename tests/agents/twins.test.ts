/** The Python programs behind the golden files, in TypeScript: the same requests reach the model, the same result comes out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssistantAgent,
  ConversableAgent,
  type ConversableAgentOptions,
  type JsonSchema,
  OpenAIWrapper,
  registerFunction,
  setPrinter,
  type ToolFunction,
  UserProxyAgent,
} from "mlflow-ag2/agents";
import { comparable, goldenRequests, goldenResults, llmConfig, rounded, scriptedModel } from "./golden.js";

setPrinter(() => {});

const saysTerminate: NonNullable<ConversableAgentOptions["isTerminationMsg"]> = (message) => (message.content ?? "").includes("TERMINATE");

function object(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: "object", properties, required };
}

/** An assistant with the scenario's model, and a user who runs its tools and never types. */
function pair(name: string, systemMessage: string, tools: [name: string, description: string, parameters: JsonSchema | undefined, fn: ToolFunction<never>][] = []) {
  const model = scriptedModel(name);
  const assistant = new ConversableAgent({ name: "assistant", systemMessage, llmConfig: llmConfig(model), humanInputMode: "NEVER" });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER", isTerminationMsg: saysTerminate });
  for (const [tool, description, parameters, fn] of tools) {
    assistant.registerForLlm({ name: tool, description, parameters })(fn);
    user.registerForExecution({ name: tool })(fn);
  }
  return { model, assistant, user };
}

test("calculator: six completions and six tool calls are those of Python", async () => {
  const model = scriptedModel("calculator");
  type Sum = { a: number; b: number; operator: "+" | "-" | "*" | "/" };
  const calculator = ({ a, b, operator }: Sum): number => ({ "+": a + b, "-": a - b, "*": a * b, "/": Math.trunc(a / b) })[operator];
  const assistant = new ConversableAgent({
    name: "Assistant",
    systemMessage: "You are a helpful AI assistant. You can help with simple calculations. Return 'TERMINATE' when the task is done.",
    llmConfig: llmConfig(model),
  });
  const userProxy = new ConversableAgent({
    name: "Tool Agent",
    llmConfig: false,
    isTerminationMsg: (m) => m.content != null && m.content.includes("TERMINATE"),
    humanInputMode: "NEVER",
  });
  const parameters = object({
    a: { type: "integer", description: "a" },
    b: { type: "integer", description: "b" },
    operator: { enum: ["+", "-", "*", "/"], type: "string", description: "operator" },
  });
  assistant.registerForLlm({ name: "calculator", description: "A simple calculator", parameters })(calculator);
  userProxy.registerForExecution({ name: "calculator" })(calculator);

  const result = await userProxy.initiateChat(assistant, { message: "What is (44231 + 13312 / (230 - 20)) * 4?" });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("calculator"));
  assert.deepEqual(comparable(result), goldenResults("calculator")["chat"]);
});

test("two_agent_joke: two agents with a model each take turns", async () => {
  const model = scriptedModel("two_agent_joke");
  const cathy = new ConversableAgent({
    name: "cathy",
    systemMessage: "Your name is Cathy and you are half of a comedy duo.",
    llmConfig: llmConfig(model),
    humanInputMode: "NEVER",
  });
  const joe = new ConversableAgent({
    name: "joe",
    systemMessage: "Your name is Joe and you are the other half of a comedy duo.",
    llmConfig: llmConfig(model, "gpt-4o", { temperature: 0.7 }),
    humanInputMode: "NEVER",
  });

  const result = await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("two_agent_joke"));
  assert.deepEqual(comparable(result), goldenResults("two_agent_joke")["chat"]);
});

test("parallel_tool_calls: three calls of one message are answered in order, with defaults filled in", async () => {
  const { model, assistant, user } = pair("parallel_tool_calls", "You help.");
  const city = { type: "string", description: "the city" };
  const weather = async ({ city, unit }: { city: string; unit: string }): Promise<string> => `${city}: 21 ${unit}`;
  const local_time = ({ city }: { city: string }): string => `12:00 in ${city}`;
  const unit = { type: "string", default: "C", description: "C or F" };
  registerFunction(weather, { caller: assistant, executor: user, description: "The weather", parameters: object({ city, unit }, ["city"]) });
  registerFunction(local_time, { caller: assistant, executor: user, description: "The local time", parameters: object({ city }) });

  const result = await user.initiateChat(assistant, { message: "Weather in Paris and Tokyo, time in Tokyo?" });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("parallel_tool_calls"));
  assert.deepEqual(comparable(result), goldenResults("parallel_tool_calls")["chat"]);
});

const NUMBER = object({ x: { type: "integer", description: "a number" } });

test("tool_error: the model reads what a tool throws", async () => {
  const root = ({ x }: { x: number }): number => {
    if (x < 0) throw new RangeError(`no real root of ${x}`);
    return Math.trunc(Math.sqrt(x));
  };
  const { model, assistant, user } = pair("tool_error", "You calculate.", [["root", "The square root", NUMBER, root]]);

  const result = await user.initiateChat(assistant, { message: "What is the root of -4, and of 4?" });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("tool_error"));
  assert.deepEqual(comparable(result), goldenResults("tool_error")["chat"]);
});

test("tool_unknown_and_bad_json: all but the parser's own words are Python's", async () => {
  const { model, assistant, user } = pair("tool_unknown_and_bad_json", "You calculate.", [["double", "Twice the number", NUMBER, ({ x }: { x: number }) => 2 * x]]);

  const result = await user.initiateChat(assistant, { message: "Double 21." });

  model.assertFinished();
  const parserWords = /Error: [^\\"]*(\\n The argument must be in JSON format\.)/g;
  const neutral = (data: unknown): unknown => JSON.parse(JSON.stringify(data).replace(parserWords, "Error: (not JSON)$1"));
  assert.deepEqual(neutral(model.requests), neutral(goldenRequests("tool_unknown_and_bad_json")));
  assert.deepEqual(neutral(comparable(result)), neutral(goldenResults("tool_unknown_and_bad_json")["chat"]));
});

test("tool_missing_argument: the model reads the beginning of what pydantic says", async () => {
  const { model, assistant, user } = pair("tool_missing_argument", "You calculate.", [["double", "Twice the number", NUMBER, ({ x }: { x: number }) => 2 * x]]);

  await user.initiateChat(assistant, { message: "Double 21." });

  model.assertFinished();
  const [ours, theirs] = [model.requests, goldenRequests("tool_missing_argument")].map((requests) => String(requests[1]?.messages.at(-1)?.content));
  assert.equal(ours, "Error: 1 validation error for double\nx\n  Field required");
  assert.ok(theirs?.startsWith(String(ours)));
});

test("tool_return_types: whole numbers and objects' own JSON read as in Python, the rest is JSON", async () => {
  const { model, assistant, user } = pair("tool_return_types", "You collect.", [
    ["give_int", "Gives something", undefined, () => 7],
    ["give_float", "Gives something", undefined, () => 2.5],
    ["give_bool", "Gives something", undefined, () => true],
    ["give_none", "Gives something", undefined, () => {}],
    ["give_dict", "Gives something", undefined, () => ({ a: [1, null, true], b: "é" })],
    ["give_model", "Gives something", undefined, () => ({ x: 1, y: 0.5 })],
  ]);

  await user.initiateChat(assistant, { message: "Collect all." });

  model.assertFinished();
  assert.deepEqual(model.requests[0], goldenRequests("tool_return_types")[0]);
  const answers = model.requests[1]?.messages.slice(3).map(({ content }) => content);
  assert.deepEqual(answers, ["7", "2.5", "true", "null", '{"a":[1,null,true],"b":"é"}', '{"x":1,"y":0.5}']);
});

test("human_input_never_default_reply: default replies until their limit ends the chat", async () => {
  const model = scriptedModel("human_input_never_default_reply");
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You tell a story in parts.", llmConfig: llmConfig(model) });
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "NEVER",
    codeExecutionConfig: false,
    defaultAutoReply: "Please continue.",
    maxConsecutiveAutoReply: 2,
  });

  const result = await user.initiateChat(assistant, { message: "Begin." });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("human_input_never_default_reply"));
  assert.deepEqual(comparable(result), goldenResults("human_input_never_default_reply")["chat"]);
});

test("human_input_always: a person refuses a tool call, skips once, and leaves", async () => {
  const model = scriptedModel("human_input_always");
  const lines = ["No, do not delete anything.", "", "exit"];
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You tidy up.", llmConfig: llmConfig(model) });
  const user = new UserProxyAgent({ name: "user", defaultAutoReply: "(nothing)", getHumanInput: async () => lines.shift() ?? "exit" });
  const remove = ({ path }: { path: string }): string => `deleted ${path}`;
  registerFunction(remove, {
    caller: assistant, executor: user, name: "delete", description: "Deletes a file", parameters: object({ path: { type: "string", description: "a file" } }),
  });

  const result = await user.initiateChat(assistant, { message: "Tidy up my desk." });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("human_input_always"));
  assert.deepEqual(comparable(result), goldenResults("human_input_always")["chat"]);
});

test("termination_reasons: chats end by turns, by a message, and by the limit of automatic replies", async () => {
  const model = scriptedModel("termination_reasons");
  const chat = async (message: string, options: Partial<ConversableAgentOptions>, maxTurns?: number): Promise<unknown> => {
    const helper = new ConversableAgent({ name: "helper", systemMessage: "You help.", llmConfig: llmConfig(model), humanInputMode: "NEVER" });
    const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER", defaultAutoReply: "More.", ...options });
    return comparable(await user.initiateChat(helper, { message, maxTurns }));
  };

  const results = {
    max_turns: await chat("Turns.", {}, 1),
    termination_message: await chat("Message.", { isTerminationMsg: (m) => (m.content ?? "").includes("goodbye") }),
    max_consecutive_auto_reply: await chat("Replies.", { maxConsecutiveAutoReply: 1 }),
  };

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("termination_reasons"));
  assert.deepEqual(results, goldenResults("termination_reasons"));
});

test("legacy_function_call: the API's old style, with the function in functionMap", async () => {
  const model = scriptedModel("legacy_function_call");
  const area = ({ w, h }: { w: number; h: number }): string => String(w * h);
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You measure.", llmConfig: llmConfig(model) });
  assistant.registerForLlm({
    description: "The area", apiStyle: "function", parameters: object({ w: { type: "integer", description: "width" }, h: { type: "integer", description: "height" } }),
  })(area);
  const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER", isTerminationMsg: saysTerminate, functionMap: { area } });

  const result = await user.initiateChat(assistant, { message: "Area of 6 by 7?" });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("legacy_function_call"));
  assert.deepEqual(comparable(result), goldenResults("legacy_function_call")["chat"]);
});

test("callable_message_summary: functions make the first message and the summary", async () => {
  const model = scriptedModel("callable_message_summary");
  const helper = new ConversableAgent({ name: "helper", systemMessage: "You help.", llmConfig: llmConfig(model), humanInputMode: "NEVER" });
  const user = new ConversableAgent({ name: "user", humanInputMode: "NEVER" });

  const result = await user.initiateChat(helper, {
    message: (sender, recipient, extra) => `${sender.name} asks ${recipient.name} about ${(extra["carryover"] as string[]).join(", ")}`,
    maxTurns: 1,
    carryover: ["tea", "milk"],
    summaryMethod: (sender, recipient, args) => `${String(args["prefix"])}${String(recipient.lastMessage(sender)?.content)}`,
    summaryArgs: { prefix: "In short: " },
  });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("callable_message_summary"));
  assert.deepEqual(comparable(result), goldenResults("callable_message_summary")["chat"]);
});

test("custom_reply_func: replies of a registered function", async () => {
  const model = scriptedModel("custom_reply_func");
  const echo = new ConversableAgent({ name: "echo", llmConfig: false, humanInputMode: "NEVER" });
  const helper = new ConversableAgent({ name: "helper", systemMessage: "You count.", llmConfig: llmConfig(model), humanInputMode: "NEVER" });
  echo.registerReply([ConversableAgent, null], (_, messages) => [
    true,
    { content: `echo: ${String(messages.at(-1)?.content)}`, metadata: { length: messages.length } },
  ]);

  const result = await echo.initiateChat(helper, { message: "one", maxTurns: 2 });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("custom_reply_func"));
  assert.deepEqual(comparable(result), goldenResults("custom_reply_func")["chat"]);
});

test("generate_reply_direct: replies without a chat", async () => {
  const model = scriptedModel("generate_reply_direct");
  const shout = ({ text }: { text: string }): string => text.toUpperCase();
  const assistant = new ConversableAgent({ name: "assistant", systemMessage: "You shout.", llmConfig: llmConfig(model), humanInputMode: "NEVER" });
  const runner = new ConversableAgent({ name: "runner", humanInputMode: "NEVER" });
  registerFunction(shout, { caller: assistant, executor: runner, description: "Upper case", parameters: object({ text: { type: "string", description: "a text" } }) });

  const first = await assistant.generateReply({ messages: [{ role: "user", content: "Shout hello." }] });
  assert.ok(typeof first === "object");
  const second = await runner.generateReply({ messages: [first] });
  assert.ok(typeof second === "object");
  const third = await assistant.generateReply({ messages: [{ role: "user", content: "Shout hello." }, first, ...(second.tool_responses ?? [])] });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("generate_reply_direct"));
  assert.deepEqual({ tool_call: first, tool_result: second, text: third }, goldenResults("generate_reply_direct"));
});

test("openai_wrapper_direct: a text, a tool call, and a fallback to the second model", async () => {
  const model = scriptedModel("openai_wrapper_direct");
  const client = new OpenAIWrapper({ configList: [{ model: "gpt-4o", client: model }, { model: "gpt-4o-mini", client: model }] });
  const ping = { type: "function", function: { name: "ping", description: "Pings", parameters: { type: "object", properties: {} } } };

  const first = await client.create({ messages: [{ role: "user", content: "Say hi." }] });
  const second = await client.create({ messages: [{ role: "user", content: "Use the tool." }], tools: [ping] });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("openai_wrapper_direct"));
  const outcome = ([response]: [typeof first]) => ({ extracted: client.extractTextOrCompletionObject(response), model: response.model, cost: response.cost });
  assert.deepEqual(
    rounded({ first: outcome([first]), second: outcome([second]), actual_usage: client.actualUsageSummary, total_usage: client.totalUsageSummary }),
    goldenResults("openai_wrapper_direct"),
  );
});

test("llm_fallback: the second model of the list answers when the first one's server refuses", async () => {
  const model = scriptedModel("llm_fallback");
  const configList = [{ model: "gpt-4o", client: model }, { model: "gpt-4o-mini", client: model }];
  const assistant = new ConversableAgent({ name: "assistant", llmConfig: { configList }, humanInputMode: "NEVER" });
  const user = new ConversableAgent({ name: "user", humanInputMode: "NEVER" });

  const result = await user.initiateChat(assistant, { message: "Hello?", maxTurns: 1 });

  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("llm_fallback"));
  assert.deepEqual(comparable(result), goldenResults("llm_fallback")["chat"]);
});

test("llm_error: the server's refusal ends the chat, with the name and code it has in Python", async () => {
  const load = ({ name }: { name: string }): string => `text of ${name}`;
  const { model, assistant, user } = pair("llm_error", "You read.", [["load", "Loads a document", object({ name: { type: "string", description: "a document" } }), load]]);

  await assert.rejects(user.initiateChat(assistant, { message: "Read the manual." }), {
    name: "BadRequestError",
    status: 400,
    code: "context_length_exceeded",
    type: "invalid_request_error",
    message: "the model server answered 400: This model's maximum context length is 8 tokens.",
  });
  model.assertFinished();
  assert.deepEqual(model.requests, goldenRequests("llm_error"));
});

test("reply_func_error: what a reply function throws ends the chat", async () => {
  const model = scriptedModel("reply_func_error");
  const broken = new ConversableAgent({ name: "broken", humanInputMode: "NEVER" });
  const helper = new ConversableAgent({ name: "helper", systemMessage: "You count.", llmConfig: llmConfig(model), humanInputMode: "NEVER" });
  const error = new Error("the reply function broke");
  broken.registerReply([ConversableAgent, null], () => {
    throw error;
  });

  await assert.rejects(broken.initiateChat(helper, { message: "one", maxTurns: 2 }), (thrown) => thrown === error);
  assert.deepEqual(model.requests, goldenRequests("reply_func_error"));
});
