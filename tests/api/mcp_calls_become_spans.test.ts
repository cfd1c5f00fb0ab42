/** Calls of MCP servers become TOOL spans, whose trace the server continues. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { autolog, getLastActiveTraceId, getTrace, init, type Span, type Trace } from "mlflow-ag2";
import type { McpToolsOptions } from "mlflow-ag2/agents/mcp";
import { toolsOfMcp } from "mlflow-ag2/agents/mcp";
import { agentWithScript, plainAgent, toolCallStep } from "../agents/agent_fixtures.js";
import { clientOf, type Connection } from "../agents/mcp_fixtures.js";

before(() => {
  init({ trackingUri: "memory:" });
  autolog({ silent: true });
});

/** The trace of a chat whose model calls one tool of a server. */
async function traceOfCall(
  { client }: Connection,
  name: string,
  args: Record<string, unknown> = {},
  options: McpToolsOptions = {},
): Promise<Trace> {
  const kit = await toolsOfMcp(client, options);
  const { agent: helper } = agentWithScript("helper", [toolCallStep(name, args), "TERMINATE"]);
  const user = plainAgent("user");
  kit.registerForLlm(helper);
  kit.registerForExecution(user);
  await user.initiateChat(helper, { message: "Begin.", silent: true });
  const trace = await getTrace(getLastActiveTraceId());
  assert.ok(trace);
  return trace;
}

function toolSpan({ data }: Trace): Span {
  const found = data.spans.find(({ spanType }) => spanType === "TOOL");
  assert.ok(found);
  return found;
}

test("a call is a TOOL span with the server's name, and the server gets the span as the parent of its own", async () => {
  const span = toolSpan(await traceOfCall(await clientOf(), "weather", { city: "Oslo" }));
  const { name, inputs, outputs, status } = span;
  assert.deepEqual(
    [name, inputs, outputs, status.code],
    ["weather", { city: "Oslo" }, "Sun in Oslo for 1 days.", "OK"],
  );
  const attributes = ["mcp.method.name", "mcp.server.name", "mcp.server.version", "mcp.tool.name", "gen_ai.tool.name"];
  assert.deepEqual(
    attributes.map((key) => span.getAttribute(key)),
    ["tools/call", "weather station", "1.2.3", undefined, "weather"],
  );
  const { outputs: received, traceId, spanId } = toolSpan(await traceOfCall(await clientOf(), "context"));
  assert.equal(received, `00-${traceId.replace("tr-", "")}-${spanId}-01`);
});

test("the span of a renamed tool and of a resource tell the server's name of it and the method", async () => {
  const rename = (name: string): string => `north_${name}`;
  const renamed = toolSpan(await traceOfCall(await clientOf(), "north_lines", {}, { rename }));
  assert.deepEqual([renamed.name, renamed.getAttribute("mcp.tool.name")], ["north_lines", "lines"]);
  const read = toolSpan(await traceOfCall(await clientOf(), "city_notes", { uri: "notes://oslo" }));
  assert.equal(read.getAttribute("mcp.method.name"), "resources/read");
  assert.deepEqual(read.outputs, { contents: [{ uri: "notes://oslo", text: "notes of oslo" }] });
});

test("an error that a tool reports is the span's, and one of the protocol has its code", async () => {
  const failed = toolSpan(await traceOfCall(await clientOf(), "fail"));
  assert.deepEqual(failed.status, {
    code: "ERROR",
    description: "Tool call failed: the sensor is broken",
    statusCode: "STATUS_CODE_ERROR",
  });
  assert.equal(failed.getAttribute("error.type"), "McpToolError");
  const read = toolSpan(await traceOfCall(await clientOf(), "city_notes", { uri: "other://oslo" }));
  assert.equal(read.status.code, "ERROR");
  assert.equal(read.getAttribute("rpc.response.status_code"), "-32602");
});

test("progress is a list of events of the span", async () => {
  const { events, outputs } = toolSpan(await traceOfCall(await clientOf(), "steps"));
  assert.equal(outputs, "done");
  assert.deepEqual(
    events.map(({ name, attributes }) => [name, attributes]),
    [1, 2].map((progress) => ["progress", { progress, total: 2, message: `step ${progress}` }]),
  );
});

test("structured content is the span's output as data", async () => {
  assert.deepEqual(toolSpan(await traceOfCall(await clientOf(), "measure")).outputs, { degrees: 21 });
});

test("of an unsampled trace the server gets a context that says so", async () => {
  init({ samplingRatio: 0 });
  const before = getLastActiveTraceId();
  const kit = await toolsOfMcp((await clientOf()).client);
  const { agent: helper, model } = agentWithScript("helper", [toolCallStep("context"), "TERMINATE"]);
  const user = plainAgent("user");
  kit.registerForLlm(helper);
  kit.registerForExecution(user);
  await user.initiateChat(helper, { message: "Begin.", silent: true });
  init({ samplingRatio: 1 });
  assert.equal(getLastActiveTraceId(), before);
  assert.match(String(model.requests[1]?.messages.at(-1)?.content), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});
