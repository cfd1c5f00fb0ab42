/** The tools of MCP servers: a real client and a real server of the official SDK. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client as NewClient } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { type AgentError, type AgentObserver, observe, type ModelRequest, Tool } from "mlflow-ag2/agents";
import {
  type McpProgress,
  McpToolError,
  type McpToolkit,
  type McpToolsOptions,
  toolsOfMcp,
} from "mlflow-ag2/agents/mcp";
import type { ScriptedModel, ScriptStep } from "mlflow-ag2/agents/testing";
import { agentWithScript, nextTask, plainAgent, toolCallStep } from "./agent_fixtures.js";
import { clientOf, type Connection, toolServer } from "./mcp_fixtures.js";
import { calls, converse, patternOf, speaker } from "./pattern_fixtures.js";

/** The chat of a model with these steps and a user that runs the tools of a server. */
interface Chat {
  readonly kit: McpToolkit;
  readonly model: ScriptedModel;
  /** Runs it, and returns the texts that the model got of the tools. */
  run(signal?: AbortSignal): Promise<unknown[]>;
}

async function chatWith(
  { client }: Pick<Connection, "client">,
  steps: readonly ScriptStep[],
  options: McpToolsOptions = {},
): Promise<Chat> {
  const kit = await toolsOfMcp(client, options);
  const { agent: helper, model } = agentWithScript("helper", [...steps, "TERMINATE"]);
  const user = plainAgent("user");
  kit.registerForLlm(helper);
  kit.registerForExecution(user);
  return {
    kit,
    model,
    run: async (signal) => {
      await user.initiateChat(helper, { message: "Begin.", silent: true, signal });
      return model.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === "tool" ? [content] : [])) ?? [];
    },
  };
}

const toolsIn = (request: ModelRequest | undefined): Record<string, unknown>[] =>
  ((request?.tools ?? []) as { function: Record<string, unknown> }[]).map((tool) => tool.function);

test("the model gets the tools of a server with their schemas, and the texts of their results", async () => {
  const { model, run } = await chatWith(await clientOf(), [toolCallStep("weather", { city: "Oslo", days: 2 })]);
  assert.deepEqual(await run(), ["Sun in Oslo for 2 days."]);
  const [weather] = toolsIn(model.requests[0]);
  assert.equal(weather?.["description"], "Tells the weather.");
  assert.deepEqual(weather["parameters"], {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { default: 1, type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
    },
    required: ["city"],
  });
});

test("the server checks the arguments, and the model gets its errors", async () => {
  const { run } = await chatWith(await clientOf(), [
    toolCallStep("weather", { city: 5 }),
    toolCallStep("weather", "{"),
  ]);
  const [refused, unreadable] = await run();
  assert.match(
    String(refused),
    /^Error: Tool call failed: MCP error -32602: Input validation error: .*expected string/s,
  );
  assert.match(String(unreadable), /The argument must be in JSON format\.$/);
});

test("an error that a tool reports is the tool's error, with AG2's text", async () => {
  const failures: unknown[] = [];
  const stop = observe({ failure: ({ kind }, error) => void (kind === "toolCall" && failures.push(error)) });
  const connection = await clientOf();
  const { run } = await chatWith(connection, [toolCallStep("fail")]);
  assert.deepEqual(await run(), ["Error: Tool call failed: the sensor is broken"]);
  stop();
  const [error] = failures;
  assert.ok(error instanceof McpToolError);
  assert.equal(error.server, "weather station");
  assert.equal((error.result as { isError: boolean }).isError, true);
});

test("several parts become a list of texts, with a list of the parts that are no text", async () => {
  const steps = [toolCallStep("lines"), toolCallStep("map")];
  const [lines, map] = await (await chatWith(await clientOf(), steps)).run();
  assert.equal(lines, '["one","two"]');
  assert.deepEqual(JSON.parse(String(map)), [
    ["north", "south"],
    [
      { type: "image", data: "aGVsbG8=", mimeType: "image/png" },
      { type: "resource_link", uri: "file:///map.txt", name: "map" },
    ],
  ]);
});

test("structured content whose JSON is the text is the tool's value", async () => {
  const results: unknown[] = [];
  const observer: AgentObserver = {
    end: ({ kind }, details) => void (kind === "toolCall" && results.push((details as { result: unknown }).result)),
  };
  const stop = observe(observer);
  const { run } = await chatWith(await clientOf(), [toolCallStep("measure")]);
  assert.deepEqual(await run(), ['{"degrees":21}']);
  stop();
  assert.deepEqual(results, [{ degrees: 21 }]);
});

test("a resource template is a tool that reads a resource, under a name that models accept", async () => {
  const steps = [toolCallStep("city_notes", { uri: "notes://oslo" }), toolCallStep("city_notes", { uri: 1 })];
  const { model, run } = await chatWith(await clientOf(), steps);
  assert.deepEqual(await run(), [
    '{"contents":[{"uri":"notes://oslo","text":"notes of oslo"}]}',
    "Error: 1 validation error for city_notes\nuri\n  Input should be a valid string",
  ]);
  const notes = toolsIn(model.requests[0]).at(-1);
  assert.deepEqual(notes?.["parameters"], {
    type: "object",
    properties: {
      uri: {
        type: "string",
        description:
          "A URI template (according to RFC 6570) that can be used to construct resource URIs.\n" +
          "Here is the correct format for the URI template:\nnotes://{city}\n",
      },
    },
    required: ["uri"],
  });
});

test("tools or resources can be left out", async () => {
  const { client } = await clientOf();
  const names = async (options: McpToolsOptions): Promise<string[]> =>
    (await toolsOfMcp(client, options)).tools.map(({ name }) => name);
  assert.deepEqual(await names({ useMcpTools: false }), ["city_notes"]);
  assert.ok(!(await names({ useMcpResources: false })).includes("city_notes"));
  assert.deepEqual(await names({ useMcpTools: false, rename: (name) => `a.${name}` }), ["a_city_notes"]);
});

test("a server that lists its tools in pages is asked for all of them", async () => {
  const server = new McpServer({ name: "pages", version: "0" }, { capabilities: { tools: {} } });
  server.server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const page = Number(params?.cursor ?? 0);
    const tools = [{ name: `tool_${page}`, inputSchema: { type: "object" as const } }];
    // The last page repeats its cursor, which is no reason to go on for ever.
    return { tools, nextCursor: String(Math.min(page + 1, 2)) };
  });
  const client = new Client({ name: "test", version: "0" });
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(theirs);
  await client.connect(mine);
  const kit = await toolsOfMcp(client).then(
    (made) => made.tools.map(({ name }) => name),
    ({ code }: AgentError) => code,
  );
  assert.deepEqual(kit, ["tool_0", "tool_1", "tool_2"]);
});

test("the server's reports on the progress reach the program and the observers, in the tool's operation", async () => {
  const reports: unknown[] = [];
  const events: unknown[] = [];
  const stop = observe({ event: ({ kind }, name, { message }) => void events.push([kind, name, message]) });
  const onProgress: McpToolsOptions["onProgress"] = ({ progress, total }: McpProgress, { server, name, context }) =>
    void reports.push([progress, total, server, name, context.agent.name]);
  const { run } = await chatWith(await clientOf(), [toolCallStep("steps")], { onProgress });
  assert.deepEqual(await run(), ["done"]);
  stop();
  assert.deepEqual(reports, [
    [1, 2, "weather station", "steps", "user"],
    [2, 2, "weather station", "steps", "user"],
  ]);
  assert.deepEqual(events, [
    ["toolCall", "progress", "step 1"],
    ["toolCall", "progress", "step 2"],
  ]);
});

test("the client of the SDK's version 2, which takes the options elsewhere, works as well", async () => {
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  await toolServer().server.connect(theirs);
  const client = new NewClient({ name: "test", version: "0" });
  await client.connect(mine);
  const reports: number[] = [];
  const onProgress = ({ progress }: McpProgress): void => void reports.push(progress);
  const kit = await toolsOfMcp(client, { onProgress });
  const { agent: helper, model } = agentWithScript("helper", [
    toolCallStep("fail"),
    toolCallStep("steps"),
    "TERMINATE",
  ]);
  const user = plainAgent("user");
  kit.registerForLlm(helper);
  kit.registerForExecution(user);
  await user.initiateChat(helper, { message: "Begin.", silent: true });
  assert.match(String(model.requests[1]?.messages.at(-1)?.content), /the sensor is broken$/);
  assert.equal(model.requests[2]?.messages.at(-1)?.content, "done");
  assert.deepEqual(reports, [1, 2]);
});

test("the chat's signal ends a call, also at the server, but none of those before it", async () => {
  const connection = await clientOf();
  const { client } = connection;
  const controller = new AbortController();
  const steps = [toolCallStep("weather", { city: "Oslo" }), toolCallStep("wait")];
  const onProgress = (): void => controller.abort(new Error("enough"));
  const { run } = await chatWith(connection, steps, { onProgress });
  const { transport } = client;
  assert.ok(transport);
  const sent: unknown[] = [];
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if ("method" in message) sent.push(message.method);
    return send(message, options);
  };
  await assert.rejects(run(controller.signal), /enough/);
  const count = async (): Promise<unknown> => (await client.callTool({ name: "cancellations" })).content;
  while (JSON.stringify(await count()).includes('"0"')) await nextTask();
  assert.equal(sent.filter((method) => method === "notifications/cancelled").length, 1);
});

test("the trace context of the tool's operation travels in the request", async () => {
  const traceparent = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
  const asked: unknown[] = [];
  const stop = observe({
    traceContext: ({ kind }) => {
      asked.push(kind);
      return { traceparent };
    },
  });
  const chat = async (): Promise<unknown[]> => (await chatWith(await clientOf(), [toolCallStep("context")])).run();
  assert.deepEqual(await chat(), [traceparent]);
  stop();
  assert.deepEqual(await chat(), ["undefined"]);
  assert.deepEqual(asked, ["toolCall"]);
});

test("two servers with a tool of the same name are refused where they meet, with the fix", async () => {
  const [one, two] = [await clientOf(), await clientOf(toolServer("other station"))];
  const { agent: helper } = agentWithScript("helper", []);
  const kits = [await toolsOfMcp(one.client), await toolsOfMcp(two.client)] as const;
  kits[0].registerForLlm(helper);
  const conflict = { code: "tool_name_conflict", message: /`weather`.*`other station`.*`rename`/ };
  assert.throws(() => kits[1].registerForLlm(helper), conflict);
  const user = plainAgent("user", { functionMap: { weather: () => "rain" } });
  assert.throws(() => kits[1].registerForExecution(user), conflict);
  assert.throws(() => agentWithScript("both", [], { functions: [...kits[0].tools, ...kits[1].tools] }), {
    code: "tool_name_conflict",
    message: /`weather`/,
  });
  await assert.rejects(toolsOfMcp(one.client, { rename: () => "same" }), { code: "tool_name_conflict" });
  const renamed = await toolsOfMcp(two.client, { rename: (name) => `other_${name}` });
  renamed.registerForLlm(helper);
  assert.equal(toolsOfAgent(helper).length, 2 * renamed.size);
});

const toolsOfAgent = (agent: { llmConfig: unknown }): readonly unknown[] =>
  (agent.llmConfig as { tools?: readonly unknown[] }).tools ?? [];

test("an unknown option is refused, with those that there are", async () => {
  const { client } = await clientOf();
  const options = { use_mcp_tools: false } as McpToolsOptions;
  await assert.rejects(toolsOfMcp(client, options), {
    code: "invalid_option",
    message: /`use_mcp_tools`.*`useMcpTools`/,
  });
});

test("when the server's tools change, the toolkit and its agents get the new ones", async () => {
  const { client, server, map } = await clientOf();
  const other: string[] = [];
  client.fallbackNotificationHandler = async ({ method }) => void other.push(method);
  const { kit, model, run } = await chatWith({ client }, [toolCallStep("moon"), toolCallStep("lines")]);
  kit.removeTool("fail");
  map.update({ description: "Draws another map." });
  server.registerTool("moon", { description: "Tells the moon." }, () => ({
    content: [{ type: "text", text: "full" }],
  }));
  while (!kit.tools.some(({ name }) => name === "moon")) await nextTask();
  assert.deepEqual(await run(), ["full", '["one","two"]']);
  const offered = toolsIn(model.requests[0]);
  assert.deepEqual(
    offered.map(({ name }) => name),
    ["weather", "context", "lines", "measure", "steps", "wait", "cancellations", "city_notes", "map", "moon"],
  );
  assert.equal(offered.at(-2)?.["description"], "Draws another map.");
  assert.deepEqual(other, Array(2).fill("notifications/tools/list_changed"));
  map.remove();
  while (kit.tools.some(({ name }) => name === "map")) await nextTask();
  assert.ok(!kit.tools.some(({ name }) => name === "fail"), "a tool that the program has removed stays removed");
});

test("a changed list with a tool that an agent has already is refused, and changes nothing", async () => {
  const { client, server } = await clientOf();
  const kit = await toolsOfMcp(client);
  // The program follows the lists itself.
  client.fallbackNotificationHandler = async () => {};
  const { agent: helper } = agentWithScript("helper", [], { functions: new Tool(() => "new", { name: "moon" }) });
  kit.registerForLlm(helper);
  const before = toolsOfAgent(helper);
  server.registerTool("moon", { description: "Tells the moon." }, () => ({ content: [] }));
  await assert.rejects(kit.refresh(), { code: "tool_name_conflict", message: /`helper`.*`moon`/ });
  assert.equal(toolsOfAgent(helper), before);
});

test("a group runs the tools of a server under the agent whose model called them", async () => {
  const { client } = await clientOf();
  const kit = await toolsOfMcp(client);
  const { agent, model } = speaker("desk", calls("measure"), "It is mild.");
  kit.registerForLlm(agent);
  const called: unknown[] = [];
  const stop = observe({
    start: ({ kind }, details) =>
      void (kind === "toolCall" && called.push((details as { agent: { name: string } }).agent.name)),
  });
  await converse(patternOf([agent]));
  stop();
  assert.deepEqual(called, ["desk"]);
  assert.deepEqual(model.requests[1]?.messages.at(-1)?.content, '{"degrees":21}');
});
