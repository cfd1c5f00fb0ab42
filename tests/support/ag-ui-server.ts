/**
 * A back end that speaks AG-UI by a script, as AG2's does, and records its own span with the `traceparent` that it
 * gets. The scripts are those of tests/frameworks/ag-ui.js.
 */

import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { flush, init, setExperiment, startSpan, withTracingContextFromHeaders } from "mlflow-ag2";
import { asyncListener, listening, type LocalServer } from "./local-server.js";

/** What a run is given. */
interface Input {
  threadId: string;
  runId: string;
  messages: { role: string; content?: string }[];
}

type Event = Record<string, unknown> & { type: string };

function text(content: string): Event[] {
  const messageId = `answer ${content}`;
  return [
    { type: "TEXT_MESSAGE_START", messageId, role: "assistant" },
    ...content.split(/(?= )/).map((delta) => ({ type: "TEXT_MESSAGE_CONTENT", messageId, delta })),
    { type: "TEXT_MESSAGE_END", messageId },
  ];
}

function call(toolCallName: string, toolCallId: string, input: unknown): Event[] {
  return [
    { type: "TOOL_CALL_START", toolCallId, toolCallName },
    { type: "TOOL_CALL_ARGS", toolCallId, delta: JSON.stringify(input) },
    { type: "TOOL_CALL_END", toolCallId },
  ];
}

/** The end of a script whose run does not end. */
const WAIT: Event = { type: "wait" };

const SCRIPTS: Record<string, (last: { role: string; content?: string }, turn: number) => Event[]> = {
  chat: ({ content }, turn) => text(turn > 1 ? "You are Ada." : `Hello, ${content}`),
  tool: () => [
    { type: "STEP_STARTED", stepName: "forecast" },
    ...call("weather", "call_1", { city: "Oslo" }),
    { type: "TOOL_CALL_RESULT", messageId: "result", toolCallId: "call_1", content: "Sun in Oslo", role: "tool" },
    { type: "STEP_FINISHED", stepName: "forecast" },
    ...text("It is sunny."),
  ],
  stream: () => text("Two fish swim"),
  error: () => [...text("Two fish"), { type: "RUN_ERROR", message: "the agent is down" }],
  "page-tool": ({ role, content }) => {
    if (role === "tool") return text(`You like ${content}.`);
    return content === "Never mind." ? text("Fine.") : call("choose", "call_2", { options: ["red", "blue"] });
  },
  state: () => [
    { type: "STATE_SNAPSHOT", snapshot: { count: 0 } },
    { type: "STATE_DELTA", delta: [{ op: "replace", path: "/count", value: 1 }] },
    ...text("One."),
  ],
  "back-end": () => [{ type: "STATE_SNAPSHOT", snapshot: {} }],
  endless: () => [...text("Two fish").slice(0, -1), WAIT],
};

const HEADERS = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type, traceparent" };

/** Starts the back end; its spans go to the server at `trackingUri`. */
export async function startAgUiServer(trackingUri: string): Promise<LocalServer & { uri: string }> {
  init({ trackingUri });
  await setExperiment("AG-UI back end");
  const listener = asyncListener(async (request, response) => {
    if (request.method === "OPTIONS") return void response.writeHead(204, HEADERS).end();
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    const { threadId, runId, messages } = JSON.parse(body) as Input;
    const script = SCRIPTS[request.url?.split("/").at(-1) ?? ""];
    if (script === undefined) return void response.writeHead(500, HEADERS).end("no such agent");
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
    const send = (event: Event): void => void response.write(`data: ${JSON.stringify(event)}\n\n`);
    send({ type: "RUN_STARTED", threadId, runId });
    const users = messages.filter(({ role }) => role === "user");
    const events = script(messages.at(-1)!, users.length);
    for (const event of events) {
      if (event === WAIT) return;
      send(event);
      await delay(1);
    }
    if (script === SCRIPTS["back-end"]) {
      withTracingContextFromHeaders(request.headers, (context) =>
        startSpan({ name: "back end", parent: context }).end(),
      );
      await flush();
    }
    if (events.at(-1)?.type !== "RUN_ERROR") send({ type: "RUN_FINISHED", threadId, runId });
    response.end();
  });
  const server = await listening(createServer(listener));
  return { ...server, uri: `http://127.0.0.1:${server.port}` };
}
