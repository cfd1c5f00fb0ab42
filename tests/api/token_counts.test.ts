/** Token counts as providers and libraries report them in a response. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, wrapModelClient } from "mlflow-ag2";
import { completion, counts, cyclic, recorded, request, type Shape } from "./usage_shapes.js";

const RESPONSES: readonly Shape[] = [
  ["OpenAI", [7, 3, 10], completion(counts(7, 3, 10))],
  [
    "OpenAI, with a cached prompt",
    [2006, 300, 2306, 1920],
    completion({
      ...counts(2006, 300, 2306),
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 100 },
    }),
  ],
  ["Azure's own library", [7, 3, 10], completion({ promptTokens: 7, completionTokens: 3, totalTokens: 10 })],
  ["embeddings of OpenAI", [8, 0, 8], { object: "list", data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }],
  [
    "OpenAI's responses",
    [36, 87, 123, 20],
    {
      object: "response",
      output: [],
      usage: {
        input_tokens: 36,
        input_tokens_details: { cached_tokens: 20 },
        output_tokens: 87,
        output_tokens_details: { reasoning_tokens: 40 },
        total_tokens: 123,
      },
    },
  ],
  [
    "Anthropic, with a cache",
    [15_210, 5, 15_215, 15_000, 200, 150],
    {
      type: "message",
      content: [{ type: "text", text: "Seven." }],
      usage: {
        input_tokens: 10,
        output_tokens: 5,
        cache_read_input_tokens: 15_000,
        cache_creation_input_tokens: 200,
        cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 150 },
      },
    },
  ],
  [
    "Anthropic, without a cache",
    [10, 5, 15],
    {
      type: "message",
      content: [],
      usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: null, cache_creation_input_tokens: null },
    },
  ],
  [
    "Gemini, which thinks and has a cached content",
    [100, 70, 170, 64],
    {
      candidates: [{ content: { role: "model", parts: [{ text: "ok" }] } }],
      usageMetadata: {
        promptTokenCount: 100,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 50,
        totalTokenCount: 170,
        cachedContentTokenCount: 64,
      },
    },
  ],
  [
    "Gemini, which was cut off while it thought",
    [100, 50, 150],
    { usage_metadata: { prompt_token_count: 100, thoughts_token_count: 50, total_token_count: 150 } },
  ],
  [
    "Gemini, with a tool of its own",
    [130, 20, 150],
    {
      response: {
        usageMetadata: {
          promptTokenCount: 100,
          toolUsePromptTokenCount: 30,
          candidatesTokenCount: 20,
          totalTokenCount: 150,
        },
      },
    },
  ],
  [
    "DeepSeek",
    [1100, 5, 1105, 1024],
    completion({ ...counts(1100, 5, 1105), prompt_cache_hit_tokens: 1024, prompt_cache_miss_tokens: 76 }),
  ],
  [
    "Ollama",
    [26, 298, 324],
    { model: "llama3.2", message: { role: "assistant", content: "ok" }, prompt_eval_count: 26, eval_count: 298 },
  ],
  ["Ollama, whose prompt was in its cache", [0, 298, 298], { response: "ok", done: true, eval_count: 298 }],
  [
    "Bedrock's Converse",
    [125, 60, 185],
    { output: {}, usage: { inputTokens: 125, outputTokens: 60, totalTokens: 185 } },
  ],
  [
    "Bedrock's Converse, with a cache",
    [1175, 60, 1235, 1000, 50],
    {
      usage: {
        inputTokens: 125,
        outputTokens: 60,
        totalTokens: 185,
        cacheReadInputTokens: 1000,
        cacheWriteInputTokens: 50,
      },
    },
  ],
  ["Llama on Bedrock", [12, 9, 21], { generation: "ok", prompt_token_count: 12, generation_token_count: 9 }],
  ["Mistral's library", [13, 7, 20], completion({ promptTokens: 13, completionTokens: 7, totalTokens: 20 })],
  [
    "Cohere",
    [71, 8, 79],
    {
      message: { role: "assistant", content: [{ type: "text", text: "ok" }] },
      usage: {
        billed_units: { input_tokens: 5, output_tokens: 7 },
        tokens: { input_tokens: 71, output_tokens: 8 },
      },
    },
  ],
  [
    "Cohere's first version",
    [5, 7, 12],
    { text: "ok", meta: { apiVersion: { version: "1" }, billedUnits: { inputTokens: 5, outputTokens: 7 } } },
  ],
  [
    "OpenRouter",
    [194, 2, 196, 100, 64],
    completion({
      ...counts(194, 2, 196),
      prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 64 },
      cost: 0.95,
    }),
  ],
  [
    "vLLM",
    [20, 6, 26],
    completion({ ...counts(20, 6, 26), prompt_tokens_details: null, completion_tokens_details: null }),
  ],
  [
    "llama.cpp",
    [237, 35, 272, 236],
    {
      content: "ok",
      tokens_evaluated: 237,
      tokens_predicted: 35,
      timings: { cache_n: 236, prompt_n: 1, predicted_n: 35 },
    },
  ],
  [
    "llama.cpp's timings beside choices",
    [237, 35, 272, 236],
    completion(undefined, { timings: { cache_n: 236, prompt_n: 1, predicted_n: 35 } }),
  ],
  [
    "Vercel's ai, version 4",
    [4, 2, 6],
    { text: "ok", usage: { promptTokens: 4, completionTokens: 2, totalTokens: 6 } },
  ],
  [
    "Vercel's ai, version 5",
    [40, 2, 42, 30],
    { text: "ok", usage: { inputTokens: 40, outputTokens: 2, totalTokens: 42, cachedInputTokens: 30 } },
  ],
  [
    "a provider of Vercel's ai, version 6",
    [40, 2, 42, 30, 4],
    {
      content: [],
      usage: {
        inputTokens: { total: 40, noCache: 6, cacheRead: 30, cacheWrite: 4 },
        outputTokens: { total: 2, text: 2, reasoning: 0 },
      },
    },
  ],
  [
    "a message of LangChain",
    [350, 240, 590, 100, 200],
    {
      content: "ok",
      usage_metadata: {
        input_tokens: 350,
        output_tokens: 240,
        total_tokens: 590,
        input_token_details: { cache_read: 100, cache_creation: 200 },
      },
      response_metadata: { usage: { input_tokens: 50, output_tokens: 240 } },
    },
  ],
  [
    "a result of LangChain",
    [12, 5, 17],
    {
      generations: [{ text: "hi" }],
      llmOutput: { tokenUsage: { promptTokens: 12, completionTokens: 5, totalTokens: 17 } },
    },
  ],
  [
    "LiteLLM, whose prompt includes Anthropic's cache",
    [1200, 5, 1205, 1000, 150],
    completion({ ...counts(1200, 5, 1205), cache_read_input_tokens: 1000, cache_creation_input_tokens: 150 }),
  ],
  [
    "Groq, whose counts are in a field of its own",
    [7, 3, 10],
    completion(undefined, { x_groq: { usage: counts(7, 3, 10) } }),
  ],
  ["a result of LlamaIndex", [7, 3, 10], { message: { content: "ok" }, raw: completion(counts(7, 3, 10)) }],
  [
    "a realtime event of OpenAI",
    [12, 4, 16, 8],
    {
      type: "response.done",
      response: {
        usage: { total_tokens: 16, input_tokens: 12, output_tokens: 4, input_token_details: { cached_tokens: 8 } },
      },
    },
  ],
  ["a raw response", [7, 3, 10], { status: 200, data: completion(counts(7, 3, 10)) }],
  ["counts as text", [7, 3, 10], completion(counts("7", " 3 ", "10"))],
  ["counts as BigInt", [7, 3, 10], completion(counts(7n, 3n, 10n))],
  ["a total of 0", [7, 3, 10], completion(counts(7, 3, 0))],
  ["a total that is null", [7, 3, 10], completion(counts(7, 3, null))],
  ["a total beside the prompt only", [7, 3, 10], completion(counts(7, undefined, 10))],
  ["a total beside the answer only", [7, 3, 10], completion(counts(null, 3, 10))],
  ["a total with more than its two parts", [7, 3, 20], completion(counts(7, 3, 20))],
  ["a total alone", [0, 0, 10], completion(counts(undefined, undefined, 10))],
  ["counts that are null", undefined, completion(counts(null, null, null))],
  ["counts that are 0", undefined, completion(counts(0, 0, 0))],
  ["a negative count", [0, 3, 3], completion(counts(-7, 3))],
  ["a count that is not a number", [0, 3, 3], completion(counts(Number.NaN, 3))],
  ["a count beyond all models", [0, 3, 3], completion(counts(1e300, 3, Number.POSITIVE_INFINITY))],
  ["a count that is no text of a number", [0, 3, 3], completion(counts("many", 3))],
  ["a fraction of a token", [0, 3, 3], completion(counts(0.5, 3))],
  [
    "counts that are no counts",
    undefined,
    completion({ prompt_tokens: [1], completion_tokens: { a: 1 }, total_tokens: true }),
  ],
  ["no usage", undefined, completion(undefined)],
  ["a usage that is text", undefined, completion("12")],
  [
    "a response that throws for keys of counts",
    undefined,
    new Proxy(
      { text: "ok" },
      {
        get(target, key) {
          if (/usage|token|meta|timings/i.test(String(key))) throw new Error(`no ${String(key)}`);
          return Reflect.get(target, key) as unknown;
        },
      },
    ),
  ],
  ["a usage that contains itself", [7, 3, 10], completion(cyclic(counts(7, 3, 10)))],
  [
    "a usage whose getters throw",
    undefined,
    Object.defineProperty({ text: "ok" }, "usage", {
      get() {
        throw new Error("no usage");
      },
    }),
  ],
];

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => autolog({ disable: true }));

describe("the token counts of a response are those of", () => {
  for (const [provider, expected, response] of RESPONSES)
    test(provider, async () => {
      const client = wrapModelClient({ create: async (_: object) => Promise.resolve(response) });
      assert.equal(await client.create(request), response);
      assert.deepEqual(await recorded(response), expected);
    });
});
