/** Models of other vendors: agents with their clients, and the vendors' own packages, wrapped, leave right spans. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { autolog, setTrackingUri, type Span, wrapModelClient } from "mlflow-ag2";
import { ConversableAgent, type ModelClient } from "mlflow-ag2/agents";
import { AnthropicClient } from "mlflow-ag2/agents/anthropic";
import { GeminiClient } from "mlflow-ag2/agents/gemini";
import { MistralAIClient, type MistralShapedClient } from "mlflow-ag2/agents/mistral";
import { OllamaClient } from "mlflow-ag2/agents/ollama";
import { OpenAIResponsesClient } from "mlflow-ag2/agents/openai-responses";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { type AnsweringServer, type Received, startAnsweringServer } from "../support/answering-server.js";
import { lastTrace, outline } from "../third_party/traces.js";

/** One API: what its server sends, and how it is called. */
interface Api {
  name: string;
  model: string;
  /** The path of its requests, without and with a stream. */
  paths: RegExp;
  isStream(request: Received): boolean;
  whole: object;
  /** The body of a streamed response. */
  pieces: readonly string[];
  streamType: string;
  client(origin: string): ModelClient;
  /** Calls a wrapped client of the package, and reads what it responds. */
  call(origin: string, isStream: boolean): Promise<unknown>;
  usage: Record<string, number>;
  provider: string;
  format: string;
  /** The text that the recorded response of the wrapped package has. */
  text(outputs: unknown): unknown;
}

const KEY = "secret-key-1";
const sse = (data: { type?: string }): string =>
  `${data.type ? `event: ${data.type}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
const hasStream = ({ body }: Received): boolean => (JSON.parse(body) as { stream?: boolean }).stream === true;

async function read(result: unknown): Promise<unknown> {
  const found = await result;
  if (typeof found !== "object" || found === null || !(Symbol.asyncIterator in found)) return found;
  for await (const _ of found as AsyncIterable<unknown>);
  return found;
}

const CLAUDE = "claude-opus-4-6";
const claudeUsage = { input_tokens: 7, cache_read_input_tokens: 3, cache_creation_input_tokens: 0, output_tokens: 4 };
const claude = { id: "msg_1", type: "message", role: "assistant", model: CLAUDE, stop_reason: "end_turn" };

const GEMINI = "gemini-2.5-flash";
const gemini = (parts: object[], finishReason?: string): object => ({
  candidates: [{ content: { role: "model", parts }, finishReason, index: 0 }],
  usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 14 },
  modelVersion: GEMINI,
});

// By a name that the compiler does not look up: the types of the package do not fit the newest of the DOM.
// oxlint-disable-next-line typescript/no-unnecessary-type-assertion
const { Mistral } = (await import("@mistralai/mistralai" as string)) as {
  Mistral: new (options: object) => MistralShapedClient;
};
const mistral = (choice: object): object => ({
  id: "cmpl-1",
  object: "chat.completion",
  created: 1,
  model: "mistral-small-latest",
  choices: [{ index: 0, ...choice }],
  usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
});
const ollama = (content: string, done: boolean): object => ({
  model: "qwen3",
  created_at: "2026-11-30T20:00:00Z",
  message: { role: "assistant", content },
  done,
  ...(done && { done_reason: "stop", prompt_eval_count: 10, eval_count: 4 }),
});
const openAI = (status: string): object => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  status,
  model: "gpt-4o-mini",
  output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello." }] }],
  usage: {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 3 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 14,
  },
});
const completionText = (outputs: unknown): unknown =>
  (outputs as { choices: { message: { content: string } }[] }).choices[0]?.message.content;

const APIS: readonly Api[] = [
  {
    name: "Anthropic",
    model: CLAUDE,
    paths: /^\/v1\/messages$/,
    isStream: hasStream,
    whole: { ...claude, content: [{ type: "text", text: "Hello." }], usage: claudeUsage },
    pieces: [
      sse({
        type: "message_start",
        message: { ...claude, content: [], stop_reason: null, usage: claudeUsage },
      } as never),
      sse({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never),
      sse({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hel" } } as never),
      sse({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "lo." } } as never),
      sse({ type: "content_block_stop", index: 0 } as never),
      sse({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } } as never),
      sse({ type: "message_stop" }),
    ],
    streamType: "text/event-stream",
    client: (baseUrl) => new AnthropicClient({ apiKey: KEY, baseUrl }),
    call: (baseURL, stream) => {
      const client = wrapModelClient(new Anthropic({ apiKey: KEY, baseURL }));
      return read(
        client.messages.create({ model: CLAUDE, max_tokens: 9, messages: [{ role: "user", content: "Hi." }], stream }),
      );
    },
    usage: {
      input_tokens: 10,
      output_tokens: 4,
      total_tokens: 14,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 0,
    },
    provider: "anthropic",
    format: "anthropic",
    text: (outputs) => (outputs as { content: { text: string }[] }).content[0]?.text,
  },
  {
    name: "Gemini",
    model: GEMINI,
    paths: /^\/v1beta\/models\/gemini-2\.5-flash:(generateContent|streamGenerateContent\?alt=sse)$/,
    isStream: ({ url }) => url.includes("stream"),
    whole: gemini([{ text: "Hello." }], "STOP"),
    pieces: [sse(gemini([{ text: "Hel" }])), sse(gemini([{ text: "lo." }], "STOP"))],
    streamType: "text/event-stream",
    client: (baseUrl) => new GeminiClient({ apiKey: KEY, baseUrl }),
    call: async (baseUrl, isStream) => {
      const { models } = wrapModelClient(new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl } }));
      const request = { model: GEMINI, contents: "Hi." };
      return read(isStream ? models.generateContentStream(request) : models.generateContent(request));
    },
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14, cache_read_input_tokens: 3 },
    provider: "gemini",
    format: "gemini",
    text: (outputs) =>
      (outputs as { candidates: { content: { parts: { text: string }[] } }[] }).candidates[0]?.content.parts[0]?.text,
  },
  {
    name: "Mistral",
    model: "mistral-small-latest",
    paths: /^\/v1\/chat\/completions$/,
    isStream: hasStream,
    whole: mistral({ message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }),
    pieces: [
      sse(mistral({ delta: { role: "assistant", content: "Hel" }, finish_reason: null })),
      sse(mistral({ delta: { content: "lo." }, finish_reason: "stop" })),
      "data: [DONE]\n\n",
    ],
    streamType: "text/event-stream",
    client: (baseUrl) => new MistralAIClient({ apiKey: KEY, baseUrl }),
    call: (serverURL, isStream) => {
      const { chat } = wrapModelClient(new Mistral({ apiKey: KEY, serverURL }));
      const request = { model: "mistral-small-latest", messages: [{ role: "user", content: "Hi." }] } as never;
      return read(isStream ? chat.stream(request) : chat.complete(request));
    },
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
    provider: "mistral",
    format: "mistral",
    text: completionText,
  },
  {
    name: "Ollama",
    model: "qwen3",
    paths: /^\/api\/chat$/,
    isStream: hasStream,
    whole: ollama("Hello.", true),
    pieces: [ollama("Hel", false), ollama("lo.", true)].map((piece) => `${JSON.stringify(piece)}\n`),
    streamType: "application/x-ndjson",
    client: (baseUrl) => new OllamaClient({ baseUrl }),
    call: (host, isStream) => {
      const client = wrapModelClient(new Ollama({ host }));
      const request = { model: "qwen3", messages: [{ role: "user", content: "Hi." }] };
      return read(isStream ? client.chat({ ...request, stream: true }) : client.chat(request));
    },
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
    provider: "ollama",
    format: "openai",
    text: completionText,
  },
  {
    name: "OpenAI's Responses API",
    model: "gpt-4o-mini",
    paths: /^\/responses$/,
    isStream: hasStream,
    whole: openAI("completed"),
    pieces: [
      sse({ type: "response.created", response: openAI("in_progress") } as never),
      sse({ type: "response.output_text.delta", delta: "Hel" } as never),
      sse({ type: "response.output_text.delta", delta: "lo." } as never),
      sse({ type: "response.completed", response: openAI("completed") } as never),
    ],
    streamType: "text/event-stream",
    client: (baseUrl) => new OpenAIResponsesClient({ apiKey: KEY, baseUrl }),
    call: (baseURL, stream) => {
      const client = wrapModelClient(new OpenAI({ apiKey: KEY, baseURL }));
      return read(client.responses.create({ model: "gpt-4o-mini", input: "Hi.", stream }));
    },
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14, cache_read_input_tokens: 3 },
    provider: "openai",
    format: "openai",
    text: (outputs) => (outputs as { output: { content: { text: string }[] }[] }).output[0]?.content[0]?.text,
  },
];

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => autolog({ disable: true }));

for (const api of APIS) {
  describe(api.name, () => {
    let server: AnsweringServer;
    const urls: string[] = [];
    before(async () => {
      server = await startAnsweringServer((reply, request) => {
        urls.push(request.url);
        if (!api.isStream(request)) {
          reply.head(200, { "content-type": "application/json" }).end(JSON.stringify(api.whole));
          return;
        }
        reply.head(200, { "content-type": api.streamType });
        for (const piece of api.pieces) reply.write(piece);
        reply.end();
      });
    });
    after(() => server.stop());

    const assertCall = (span: Span | undefined): void => {
      assert.deepEqual(span?.getAttribute("mlflow.chat.tokenUsage"), api.usage);
      assert.equal(span?.getAttribute("mlflow.llm.provider"), api.provider);
      assert.equal(span?.getAttribute("mlflow.llm.model"), api.model);
      assert.doesNotMatch(JSON.stringify([span?.inputs, span?.outputs, span?.attributes]), new RegExp(KEY));
    };

    for (const isStream of [false, true]) {
      const how = isStream ? "streamed" : "plain";

      test(`an agent's ${how} call is a span in the shape of every other agent's`, async () => {
        const llmConfig = { model: api.model, stream: isStream, client: api.client(server.origin), price: 0 };
        const bot = new ConversableAgent({ name: "bot", llmConfig, systemMessage: "Be kind.", silent: true });
        const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
        await user.initiateChat(bot, { message: "Hi.", maxTurns: 1, silent: true });
        const trace = await lastTrace();
        assert.deepEqual(outline(trace), ["CHAIN initiate_chat", "  AGENT bot", "    LLM chat_completion"]);
        const span = trace.data.spans.find(({ spanType }) => spanType === "LLM");
        assertCall(span);
        const { messages } = span!.inputs as { messages: { role: string; content: string }[] };
        assert.deepEqual(
          messages.map(({ role, content }) => [role, content]),
          [
            ["system", "Be kind."],
            ["user", "Hi."],
          ],
        );
        const { choices } = span!.outputs as { choices: { message: { content: string } }[] };
        assert.equal(choices[0]?.message.content, "Hello.");
        assert.equal(span?.getAttribute("mlflow.message.format"), "ag2");
      });

      test(`a ${how} call of the package itself, wrapped, is a span in its own shape`, async () => {
        await api.call(server.origin, isStream);
        const trace = await lastTrace();
        assert.deepEqual(outline(trace), ["LLM chat_completion"]);
        const [span] = trace.data.spans;
        assertCall(span);
        assert.equal(span?.getAttribute("mlflow.message.format"), api.format);
        assert.equal(api.text(span?.outputs), "Hello.");
      });
    }

    test("is called at its own addresses", () => {
      assert.deepEqual(
        urls.filter((url) => !api.paths.test(url)),
        [],
      );
    });
  });
}
