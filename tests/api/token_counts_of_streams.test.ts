/** Token counts as providers and libraries report them in the pieces of a stream. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, wrapModelClient } from "mlflow-ag2";
import { counts, cyclic, piece, recorded, request, type Shape } from "./usage_shapes.js";

const STREAMS: readonly Shape[] = [
  ["OpenAI", [7, 3, 10], [piece("o"), piece("k", { usage: null }), { choices: [], usage: counts(7, 3, 10) }]],
  ["vLLM, which counts in each piece", [7, 2, 9], [1, 2].map((n) => piece("o", { usage: counts(7, n, 7 + n) }))],
  ["Groq", [7, 3, 10], [piece("ok"), piece("", { x_groq: { usage: counts(7, 3, 10) } })]],
  [
    "Anthropic",
    [15_210, 5, 15_215, 15_000, 200],
    [
      {
        type: "message_start",
        message: {
          type: "message",
          role: "assistant",
          content: [],
          usage: {
            input_tokens: 10,
            output_tokens: 1,
            cache_read_input_tokens: 15_000,
            cache_creation_input_tokens: 200,
          },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Seven." } },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn" },
        usage: {
          input_tokens: null,
          output_tokens: 5,
          cache_read_input_tokens: null,
          cache_creation_input_tokens: null,
        },
      },
      { type: "message_stop" },
    ],
  ],
  ...["completed", "incomplete", "failed"].map(
    (status): Shape => [
      `OpenAI's responses, ${status}`,
      [12, 4, 16, 8],
      [
        { type: "response.created", response: { usage: null } },
        { type: "response.output_text.delta", delta: "Hi" },
        {
          type: `response.${status}`,
          response: {
            status,
            output: [],
            usage: { input_tokens: 12, output_tokens: 4, total_tokens: 16, input_tokens_details: { cached_tokens: 8 } },
          },
        },
      ],
    ],
  ),
  [
    "Gemini, whose last piece counts",
    [10, 37, 47],
    [5, 30].map((thoughts) => ({
      candidates: [{ content: { parts: [{ text: "o" }] } }],
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 7,
        thoughtsTokenCount: thoughts,
        totalTokenCount: 17 + thoughts,
      },
    })),
  ],
  [
    "Ollama",
    [26, 298, 324],
    [
      { message: { content: "o" }, done: false },
      { message: { content: "" }, done: true, prompt_eval_count: 26, eval_count: 298 },
    ],
  ],
  [
    "Bedrock's Converse",
    [125, 60, 185],
    [
      { messageStart: { role: "assistant" } },
      { contentBlockDelta: { delta: { text: "ok" } } },
      { metadata: { usage: { inputTokens: 125, outputTokens: 60, totalTokens: 185 } } },
    ],
  ],
  [
    "Mistral's library",
    [13, 7, 20],
    [
      { data: { choices: [{ delta: { content: "ok" } }] } },
      {
        data: {
          choices: [{ delta: { content: "" } }],
          usage: { promptTokens: 13, completionTokens: 7, totalTokens: 20 },
        },
      },
    ],
  ],
  [
    "Cohere",
    [71, 8, 79],
    [
      { type: "content-delta", delta: { message: { content: { text: "ok" } } } },
      { type: "message-end", delta: { usage: { tokens: { input_tokens: 71, output_tokens: 8 } } } },
    ],
  ],
  [
    "Cohere's first version",
    [5, 7, 12],
    [
      { eventType: "text-generation", text: "ok" },
      { eventType: "stream-end", response: { meta: { billedUnits: { inputTokens: 5, outputTokens: 7 } } } },
    ],
  ],
  [
    "llama.cpp",
    [30, 2, 32],
    [
      { content: "o", stop: false },
      { content: "", stop: true, tokens_evaluated: 30, tokens_predicted: 2 },
    ],
  ],
  [
    "Vercel's ai",
    [4, 2, 6],
    [
      { type: "text-delta", textDelta: "ok" },
      { type: "finish", usage: { promptTokens: 4, completionTokens: 2 } },
    ],
  ],
  [
    "LangChain, whose pieces add up",
    [10, 5, 15],
    [
      { content: "o", usage_metadata: { input_tokens: 10, output_tokens: 2, total_tokens: 12 } },
      { content: "k", usage_metadata: { input_tokens: 0, output_tokens: 3, total_tokens: 3 } },
    ],
  ],
  [
    "2,000 pieces of an unknown shape",
    [7, 3, 10],
    [...Array.from({ length: 2000 }, () => ({ word: 1 })), { usage: counts(7, 3, 10) }],
  ],
  ["pieces that contain themselves", [7, 3, 10], [cyclic({ prompt_eval_count: 7 }), cyclic({ eval_count: 3 })]],
  ["texts only", undefined, ["o", "k"]],
];

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => autolog({ disable: true }));

describe("the token counts of a stream are those of", () => {
  for (const [provider, expected, pieces] of STREAMS)
    test(provider, async () => {
      async function* stream(): AsyncGenerator {
        for (const each of pieces as unknown[]) yield await Promise.resolve(each);
      }
      const client = wrapModelClient({ create: async (_: object) => Promise.resolve(stream()) });
      const received: unknown[] = [];
      for await (const each of await client.create(request)) received.push(each);
      assert.deepEqual(received, pieces);
      assert.deepEqual(await recorded(pieces), expected);
    });
});
