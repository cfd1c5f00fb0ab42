/** Model calls name the format of their messages, so that MLflow's chat view reads them; embeddings are none. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, wrapModelClient, type Span } from "mlflow-ag2";
import { lastTrace } from "../third_party/traces.js";

const messages = [{ role: "user", content: "hi" }];
const completion = { choices: [{ index: 0, message: { role: "assistant", content: "hello" } }] };
const claude = { type: "message", role: "assistant", content: [{ type: "text", text: "hello" }] };
const gemini = { candidates: [{ content: { role: "model", parts: [{ text: "hello" }] } }] };
const response = { object: "response", output: [{ type: "message", role: "assistant", content: [] }] };
const converse = { output: { message: { role: "assistant", content: [{ text: "hello" }] } } };

/** A client with one method at `path`, which gives `result`. */
function clientWith(path: string, result: unknown): { client: object; call: (request: unknown) => Promise<unknown> } {
  const names = path.split(".");
  const method = async (_: unknown): Promise<unknown> => {
    if (result instanceof Error) throw result;
    return Promise.resolve(result);
  };
  const client = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), method) as object;
  const call = (request: unknown): Promise<unknown> => {
    const holder = names.slice(0, -1).reduce((at, name) => at[name] as never, client as Record<string, unknown>);
    return (holder[names.at(-1)!] as typeof method)(request);
  };
  return { client, call };
}

async function spanOf(path: string, request: unknown, result: unknown): Promise<Span> {
  const { client, call } = clientWith(path, result);
  wrapModelClient(client);
  await call(request).catch(() => {});
  return (await lastTrace()).data.spans[0]!;
}

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => autolog({ disable: true }));

describe("the format of messages", () => {
  const CASES: readonly [path: string, request: object, result: unknown, format: string][] = [
    ["chat.completions.create", { model: "m", messages }, completion, "openai"],
    ["responses.create", { model: "m", input: "hi" }, response, "openai"],
    ["messages.create", { model: "m", messages }, claude, "anthropic"],
    ["beta.messages.create", { model: "m", messages }, claude, "anthropic"],
    ["models.generateContent", { model: "m", contents: "hi" }, gemini, "gemini"],
    ["chat.complete", { model: "m", messages }, completion, "mistral"],
    ["generateContent", { contents: "hi" }, gemini, "gemini"],
    ["create", { model: "m", messages }, completion, "openai"],
    ["create", { model: "m", messages }, claude, "anthropic"],
    ["create", { model: "m", messages }, converse, "bedrock"],
    ["complete", { messages }, "hello", "openai"],
  ];
  for (const [path, request, result, format] of CASES)
    test(`of \`${path}\` is ${format}, given ${JSON.stringify(result).slice(0, 40)}`, async () => {
      const span = await spanOf(path, request, result);
      assert.equal(span.spanType, "LLM");
      assert.equal(span.getAttribute("mlflow.message.format"), format);
    });

  test("is that of the client when the call fails", async () => {
    const span = await spanOf("messages.create", { model: "m", messages }, new Error("overloaded"));
    assert.deepEqual([span.status.code, span.getAttribute("mlflow.message.format")], ["ERROR", "anthropic"]);
  });
});

describe("a call that embeds texts", () => {
  const vectors = { data: [{ embedding: [0.1, 0.2] }], usage: { prompt_tokens: 8, total_tokens: 8 } };
  const CASES: readonly [path: string, request: unknown, inputs: unknown][] = [
    ["embeddings.create", { model: "m", input: "hi" }, { model: "m", input: "hi" }],
    ["models.embedContent", { model: "m", contents: ["hi"] }, { model: "m", contents: ["hi"] }],
    ["embed", { model: "m", input: ["hi"] }, { model: "m", input: ["hi"] }],
    ["createEmbedding", { model: "m", input: "hi" }, { model: "m", input: "hi" }],
    ["create_embeddings", { model: "m", input: "hi" }, { model: "m", input: "hi" }],
    ["embedQuery", "hi", { input: "hi" }],
    ["embedDocuments", ["hi", "ho"], { input: ["hi", "ho"] }],
    ["embeddings", { model: "m", prompt: "hi" }, { model: "m", prompt: "hi" }],
  ];
  for (const [path, request, inputs] of CASES)
    test(`by \`${path}\` is an EMBEDDING with its token counts, and no chat`, async () => {
      const span = await spanOf(path, request, vectors);
      assert.deepEqual([span.name, span.spanType, span.status.code], ["embeddings", "EMBEDDING", "OK"]);
      assert.deepEqual([span.inputs, span.outputs], [inputs, vectors]);
      assert.deepEqual(span.getAttribute("mlflow.chat.tokenUsage"), {
        input_tokens: 8,
        output_tokens: 0,
        total_tokens: 8,
      });
      assert.equal(span.getAttribute("mlflow.message.format"), undefined);
      assert.equal(span.getAttribute("gen_ai.operation.name"), "embeddings");
      assert.equal(span.getAttribute("mlflow.spanLogLevel"), 20);
      if (typeof request === "object" && "model" in (request as object))
        assert.equal(span.getAttribute("mlflow.llm.model"), "m");
    });

  test("that fails is an EMBEDDING that failed", async () => {
    const span = await spanOf("embeddings.create", { model: "m", input: "hi" }, new Error("too long"));
    assert.deepEqual([span.spanType, span.status.code], ["EMBEDDING", "ERROR"]);
  });
});

test("the pieces of a stream of Gemini are one response, with its thoughts apart", async () => {
  class Piece {
    constructor(
      readonly candidates: unknown[],
      readonly usageMetadata: object,
    ) {}
  }
  const piece = (part: object, more = {}): Piece =>
    new Piece([{ content: { parts: [part], role: "model" }, ...more }], {
      promptTokenCount: 4,
      candidatesTokenCount: 2,
    });
  async function* stream(): AsyncGenerator {
    yield await Promise.resolve(piece({ text: "Let me ", thought: true }));
    yield piece({ text: "see.", thought: true });
    yield piece({ text: "Sev" });
    yield piece({ text: "en." });
    yield piece({ functionCall: { name: "add", args: {} } }, { finishReason: "STOP" });
  }
  const client = wrapModelClient({ models: { generateContentStream: async (_: object) => Promise.resolve(stream()) } });
  for await (const _ of await client.models.generateContentStream({ model: "m", contents: "hi" }));
  const [span] = (await lastTrace()).data.spans;
  assert.deepEqual((span!.outputs as { candidates: unknown }).candidates, [
    {
      content: {
        role: "model",
        parts: [
          { text: "Let me see.", thought: true },
          { text: "Seven." },
          { functionCall: { name: "add", args: {} } },
        ],
      },
      finishReason: "STOP",
    },
  ]);
  assert.equal(span!.getAttribute("mlflow.message.format"), "gemini");
});
