/** The usage of agents, from the counts of a response in the shapes of several servers, streamed or not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenAIClient, OpenAIWrapper } from "mlflow-ag2/agents";

type Counts = readonly [prompt: number, completion: number, total: number];

const counts = (prompt: unknown, completion: unknown, total?: unknown): object => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: total,
});

const SHAPES: readonly (readonly [what: string, fields: object, expected: Counts])[] = [
  ["numbers", { usage: counts(7, 3, 10) }, [7, 3, 10]],
  ["texts", { usage: counts("7", "3", "10") }, [7, 3, 10]],
  ["a total of 0", { usage: counts(7, 3, 0) }, [7, 3, 10]],
  ["a total that is null", { usage: counts(7, 3, null) }, [7, 3, 10]],
  ["no total", { usage: counts(7, 3) }, [7, 3, 10]],
  ["null for all", { usage: counts(null, null, null) }, [0, 0, 0]],
  ["no usage", {}, [0, 0, 0]],
  ["a usage that is null", { usage: null }, [0, 0, 0]],
  ["what is no count", { usage: counts(-7, Number.NaN, "many") }, [0, 0, 0]],
  [
    "the names of Anthropic, with a cache",
    { usage: { input_tokens: 2, output_tokens: 3, cache_read_input_tokens: 5 } },
    [7, 3, 10],
  ],
  [
    "the names of Gemini",
    { usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2, thoughtsTokenCount: 1 } },
    [7, 3, 10],
  ],
  ["the names of Mistral's package", { usage: { promptTokens: 7, completionTokens: 3, totalTokens: 10 } }, [7, 3, 10]],
  ["both OpenAI's names and Anthropic's", { usage: { ...counts(7, 3, 10), cache_read_input_tokens: 5 } }, [7, 3, 10]],
  ["the field of Groq", { x_groq: { usage: counts(7, 3, 10) } }, [7, 3, 10]],
];

const head = { id: "c1", created: 1, model: "a-model" };

/** A `fetch` that answers every request with one completion. */
function fetchOf(fields: object, isStreamed: boolean): typeof fetch {
  const choice = { index: 0, finish_reason: "stop" };
  const completion = {
    ...head,
    object: "chat.completion",
    choices: [{ ...choice, message: { role: "assistant", content: "Hello." } }],
    ...fields,
  };
  const chunks = [
    { ...head, choices: [{ ...choice, delta: { role: "assistant", content: "Hello." } }], usage: null },
    { ...head, choices: [], ...fields },
  ];
  const body = isStreamed
    ? [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("")
    : JSON.stringify(completion);
  const headers = { "content-type": isStreamed ? "text/event-stream" : "application/json" };
  return () => Promise.resolve(new Response(body, { headers }));
}

for (const [what, fields, [prompt, completion, total]] of SHAPES)
  for (const stream of [false, true])
    test(`the usage is counted from ${what}${stream ? ", streamed" : ""}`, async () => {
      const client = new OpenAIClient({ baseUrl: "http://localhost/v1", fetch: fetchOf(fields, stream) });
      const models = new OpenAIWrapper({ configList: [{ model: "a-model", client, price: [1, 2], stream }] });

      const { cost } = await models.create(
        { messages: [{ role: "user", content: "Hello?" }] },
        { context: { silent: true } },
      );

      assert.equal(cost, (prompt + 2 * completion) / 1000);
      assert.deepEqual(models.totalUsageSummary, {
        total_cost: cost,
        "a-model": { cost, prompt_tokens: prompt, completion_tokens: completion, total_tokens: total },
      });
    });

test("the usage of a client of the program is counted from Ollama's fields, which are in the response itself", async () => {
  const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello." } }];
  const client = {
    create: () => Promise.resolve({ ...head, object: "chat.completion", choices, prompt_eval_count: 7, eval_count: 3 }),
  };
  const models = new OpenAIWrapper({ configList: [{ model: "a-model", client, price: 1 }] });

  await models.create({ messages: [{ role: "user", content: "Hello?" }] });

  assert.deepEqual(models.totalUsageSummary?.["a-model"], {
    cost: 0.01,
    prompt_tokens: 7,
    completion_tokens: 3,
    total_tokens: 10,
  });
});
