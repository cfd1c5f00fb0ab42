/** A chat of two agents with the tools of an MCP server, and what is left of it: for programs of any host. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { autolog, getLastActiveTraceId, getTrace, init } from "mlflow-ag2";
import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { type McpToolsOptions, toolsOfMcp } from "mlflow-ag2/agents/mcp";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

/** What a program prints. */
export interface McpReport {
  /** The texts that the model got of the tools. */
  results: unknown[];
  /** The trace and span that the server got, and those of the call's span. */
  contexts: [received: unknown, own: string];
  /** The spans of the calls: name, status, the server's name and version, the number of events. */
  spans: unknown[][];
  /** What the chat that was ended early threw, and the cancelled calls that the server counted. */
  ended: string;
  cancelled: unknown;
}

/** Has a model call the tools `names`, one after the other; returns the texts that it got. */
async function converse(
  client: Client,
  names: string[],
  options: McpToolsOptions,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const calls = names.map((name, index) => ({
    tool_calls: [{ id: String(index), name, arguments: { city: "Oslo" } }],
  }));
  const model = new ScriptedModel([...calls, { content: "TERMINATE" }]);
  const assistant = new AssistantAgent({ name: "assistant", llmConfig: { model: "gpt-4o-mini", client: model } });
  const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER" });
  const kit = await toolsOfMcp(client, options);
  kit.registerForLlm(assistant);
  kit.registerForExecution(user);
  await user.initiateChat(assistant, { message: "Begin.", silent: true, signal });
  return model.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === "tool" ? [content] : [])) ?? [];
}

/** Runs the chats over `transport`, and prints the report. */
export async function report(transport: Transport): Promise<void> {
  init({ trackingUri: "memory:" });
  autolog({ silent: true });
  const client = new Client({ name: "a program", version: "0" });
  await client.connect(transport);
  const results = await converse(client, ["weather", "fail", "steps", "context"], {});
  const trace = await getTrace(getLastActiveTraceId());
  const tools = trace?.data.spans.filter(({ spanType }) => spanType === "TOOL") ?? [];
  const last = tools.at(-1);
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("enough"));
  const ended = await converse(client, ["wait"], { onProgress }, controller.signal).then(String, String);
  let cancelled: unknown = ["0"];
  while (String(cancelled) === "0") cancelled = await converse(client, ["cancellations"], {});
  const result: McpReport = {
    results,
    contexts: [results.at(-1), `00-${last?.traceId.replace("tr-", "")}-${last?.spanId}-01`],
    spans: tools.map((span) => [
      span.name,
      span.status.code,
      span.getAttribute("mcp.server.name"),
      span.getAttribute("mcp.server.version"),
      span.events.length,
    ]),
    ended,
    cancelled,
  };
  await client.close();
  console.log(`RESULT ${JSON.stringify(result)}`);
}
