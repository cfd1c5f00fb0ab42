/** The official `openai` client, wrapped: streamed or not, its calls are seen and nothing about them changes. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { autolog, setTrackingUri, stats, unwrapAgent, wrapModelClient } from "mlflow-ag2";
import * as classic from "../third_party/classic.js";
import { type Client, OpenAI } from "../third_party/openai.js";
import { newLog } from "../third_party/script.js";
import { lastTrace, outline, spansNamed } from "../third_party/traces.js";
import { startModelServer } from "../support/model-server.js";

const USAGE = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const messages = [{ role: "user", content: "hi" }];

before(() => setTrackingUri("memory:"));

describe("the openai client in agents of another library", () => {
  test("shows its calls under the turns that make them, as the scripted server answers them", async () => {
    const server = await startModelServer("parallel_tool_calls");
    autolog({ library: classic });
    try {
      const log = newLog();
      const client = new OpenAI({ apiKey: "secret-key", baseURL: server.baseUrl });
      const user = new classic.ConversableAgent({ name: "user", log, maxTurns: 0 });
      const guide = new classic.AssistantAgent({ name: "guide", log, client: client as never, model: "gpt-4o-mini" });
      guide.registerFunction({
        weather: (({ city, unit = "C" }: { city: string; unit?: string }) => `${city} 21 ${unit}`) as never,
        local_time: () => "12:00",
      });
      const { summary } = await user.initiateChat(guide, { message: "Weather in Paris and Tokyo?" });
      assert.equal(summary, "Paris 21 C, Tokyo 21 F at 12:00. TERMINATE");
      assert.deepEqual((await server.state()).unused, []);
    } finally {
      autolog({ disable: true });
      await server.stop();
    }
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), [
      "CHAIN initiate_chat",
      "  AGENT guide",
      "    LLM chat_completion",
      "    TOOL weather",
      "    TOOL weather",
      "    TOOL local_time",
      "    LLM chat_completion",
    ]);
    assert.deepEqual(trace.info.tokenUsage, { input_tokens: 260, output_tokens: 80, total_tokens: 340 });
    for (const { attributes } of trace.data.spans) assert.doesNotMatch(JSON.stringify(attributes), /secret-key/);
  });
});

describe("the openai client", () => {
  let server: Server;
  let client: Client;

  before(async () => {
    server = createServer((incoming, response) => {
      let body = "";
      incoming.on("data", (piece) => (body += String(piece)));
      incoming.on("end", () => {
        const { model, stream } = JSON.parse(body) as { model: string; stream?: boolean };
        const type = stream ? "text/event-stream" : "application/json";
        response.writeHead(model === "bad" ? 400 : 200, { "content-type": type, "x-request-id": "request-9" });
        if (model === "bad") return response.end(JSON.stringify({ error: { message: "no such model" } }));
        if (!stream) {
          const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }];
          return response.end(
            JSON.stringify({ id: "whole", object: "chat.completion", created: 1, model: "m-1", choices, usage }),
          );
        }
        const head = { id: "pieces", object: "chat.completion.chunk", created: 1, model: "m-1" };
        const chunk = (choices: object[], more = {}): string =>
          `data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`;
        for (const content of ["Hel", "lo"])
          response.write(chunk([{ index: 0, delta: { role: "assistant", content }, finish_reason: null }]));
        response.write(chunk([{ index: 0, delta: {}, finish_reason: "stop" }]));
        return response.end(`${chunk([], { usage })}data: [DONE]\n\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    client = new OpenAI({ apiKey: "key", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    autolog();
    assert.equal(wrapModelClient(client), client);
  });
  after(() => {
    autolog({ disable: true });
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => assert.equal(stats().open, 0));

  const completions = (): Client["chat"]["completions"] => client.chat.completions;
  const streamed = (): Promise<AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>> =>
    completions().create({ model: "m", messages, stream: true });

  async function textOf(stream: AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>): Promise<string> {
    let text = "";
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    return text;
  }

  async function assertRecorded(content: string, tokenUsage: object | undefined): Promise<void> {
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), ["LLM chat_completion"]);
    const [call] = spansNamed(trace, "chat_completion");
    assert.equal(
      (call!.outputs as { choices: { message: { content: string } }[] }).choices[0]!.message.content,
      content,
    );
    assert.deepEqual(call!.getAttribute("mlflow.chat.tokenUsage") ?? undefined, tokenUsage);
  }

  test("gives its answer", async () => {
    assert.equal((await completions().create({ model: "m", messages })).id, "whole");
    await assertRecorded("Hello", USAGE);
  });

  test("returns its response together with the raw one", async () => {
    const { data, response, request_id: id } = await completions().create({ model: "m", messages }).withResponse();
    assert.deepEqual([data.id, response.status, id], ["whole", 200, "request-9"]);
    await assertRecorded("Hello", USAGE);
  });

  test("returns the raw response with its body unread", async () => {
    const response = await completions().create({ model: "m", messages }).asResponse();
    assert.equal(response.bodyUsed, false);
    assert.equal(((await response.json()) as { id: string }).id, "whole");
    assert.deepEqual(outline(await lastTrace()), ["LLM chat_completion"]);
  });

  test("streams its response, which is recorded once it has ended", async () => {
    const stream = await streamed();
    assert.equal(stats().open, 1);
    assert.equal(await textOf(stream), "Hello");
    await assertRecorded("Hello", USAGE);
  });

  test("streams into two, and into a readable stream", async () => {
    const [one, other] = (await completions().create({ model: "m", messages, stream: true })).tee();
    assert.deepEqual([await textOf(one), await textOf(other)], ["Hello", "Hello"]);
    await assertRecorded("Hello", USAGE);
    const readable = (await completions().create({ model: "m", messages, stream: true })).toReadableStream();
    let lines = "";
    for await (const piece of readable as unknown as AsyncIterable<Uint8Array>)
      lines += new TextDecoder().decode(piece);
    assert.equal(lines.trim().split("\n").length, 4);
    await assertRecorded("Hello", USAGE);
  });

  test("streams a response that is left early, of which the beginning is recorded", async () => {
    for await (const _ of await streamed()) break;
    await assertRecorded("Hel", undefined);
  });

  test("throws its own errors", async () => {
    await assert.rejects(
      completions().create({ model: "bad", messages }),
      (error) => error instanceof OpenAI.APIError && /no such model/.test(error.message),
    );
    assert.deepEqual(outline(await lastTrace()), ["LLM chat_completion ERROR"]);
  });

  test("has helpers that call it", async () => {
    assert.equal((await completions().stream({ model: "m", messages }).finalMessage()).content, "Hello");
    await assertRecorded("Hello", USAGE);
    assert.equal((await completions().parse({ model: "m", messages })).choices[0]!.message.content, "Hello");
    await assertRecorded("Hello", USAGE);
  });

  test("is restored by unwrapAgent", async () => {
    const { create } = Object.getPrototypeOf(completions()) as Client["chat"]["completions"];
    unwrapAgent(client);
    assert.equal(completions().create, create);
    assert.equal(Object.hasOwn(completions(), "create"), false);
    assert.equal(stats().hookFailures, 0);
  });
});
