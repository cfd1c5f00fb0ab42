/** What the clients of all vendors' packages have in common: a server, a conversation with tools, and failures. */

import assert from "node:assert/strict";
import { AgentError, APIError, type ModelClient, type ModelResponse, OpenAIWrapper } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import type { Answer } from "../support/answering-server.js";
import { plainAgent } from "./agent_fixtures.js";
import { countingFetch, json, startModelServer } from "./model_server.js";
import { recordReports } from "./recording_observer.js";

setPrinter(() => {});

/** A request that a server received. */
export interface Sent {
  url: string;
  headers: Record<string, string | undefined>;
  body: Record<string, unknown>;
}

/** Starts a server that sends the answers in order. */
export async function serve(...answers: Answer[]): Promise<{ origin: string; sent: () => Sent[] }> {
  const { baseUrl, received } = await startModelServer(...answers);
  return {
    origin: new URL(baseUrl).origin,
    sent: () => received.map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body) as Sent["body"] })),
  };
}

export const HELLO = [{ role: "user", content: "Hello?" }];
export const KEY = "secret-key-1";
export const PIXEL = "iVBORw0KGgo=";
/** A message with an image. */
export const PICTURE = [
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}`, detail: "low" } },
    ],
  },
];
export const PARAMETERS = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
export const WEATHER = {
  type: "function",
  function: { name: "weather", description: "The weather", parameters: PARAMETERS },
};
/** A structured output, and as strict mode wants it. */
export const PERSON = { type: "object", properties: { name: { type: "string" } } };
export const STRICT_PERSON = { ...PERSON, required: ["name"], additionalProperties: false };

/** Makes a client that calls `origin`, with more options. */
export type MakeClient = (origin: string, options?: object) => ModelClient;

/** Sends one request; returns what was sent and the response. */
export async function ask(
  make: MakeClient,
  model: string,
  answer: Answer,
  request: Record<string, unknown> = {},
): Promise<{ body: Record<string, unknown>; url: string; response: ModelResponse; wrapper: OpenAIWrapper }> {
  const { origin, sent } = await serve(answer);
  const { messages = HELLO, ...parameters } = request;
  const wrapper = new OpenAIWrapper({ model, client: make(origin), price: 0, ...parameters });
  const response = await wrapper.create({ messages: messages as never });
  const { body, url } = sent().at(-1)!;
  return { body, url, response, wrapper };
}

/** The deltas and the response of a streamed completion. */
export async function askStream(
  make: MakeClient,
  model: string,
  answer: Answer,
  request: Record<string, unknown> = {},
): Promise<{ deltas: unknown[]; response: ModelResponse }> {
  const { origin } = await serve(answer);
  const wrapper = new OpenAIWrapper({ model, client: make(origin), price: 0, stream: true, ...request });
  let call: Promise<unknown> | undefined;
  const recorded = await recordReports(() => (call = wrapper.create({ messages: HELLO })));
  await call;
  return {
    deltas: recorded.chunks.map(({ chunk }) => (chunk as { choices: { delta: unknown }[] }).choices[0]?.delta),
    response: recorded.ends("modelCall")[0]!.response,
  };
}

/** The counts of a response: prompt, completion, total, from a cache, of reasoning. */
export function countsOf({ usage }: ModelResponse): unknown[] {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage ?? {};
  const cached = (usage?.["prompt_tokens_details"] as { cached_tokens?: unknown } | null)?.cached_tokens;
  const reasoning = (usage?.["completion_tokens_details"] as { reasoning_tokens?: unknown } | null)?.reasoning_tokens;
  return [prompt, completion, total, cached, reasoning];
}

/**
 * Runs a conversation in which the model calls the tool `weather` for two cities at once, and returns what was sent.
 */
export async function twoCities(
  make: MakeClient,
  model: string,
  calls: Answer,
  text: Answer,
): Promise<{ sent: Sent[]; calls: { id?: string | null; function: { name: string; arguments: string } }[] }> {
  const { origin, sent } = await serve(calls, text);
  const guide = plainAgent("guide", { llmConfig: { model, price: 0, client: make(origin) } });
  const user = plainAgent("user");
  const weather = ({ city }: { city: string }): string => `${city}: sunny`;
  guide.registerForLlm({ name: "weather", description: "The weather", parameters: PARAMETERS })(weather);
  user.registerForExecution({ name: "weather" })(weather);
  const { summary, chatHistory } = await user.initiateChat(guide, { message: "Paris and Tokyo?", maxTurns: 2 });
  assert.equal(summary, "Sunny in both.");
  const made = chatHistory[1]?.tool_calls ?? [];
  assert.deepEqual(
    made.map(({ function: { name, arguments: text } }) => [name, text]),
    [
      ["weather", '{"city":"Paris"}'],
      ["weather", '{"city":"Tokyo"}'],
    ],
  );
  assert.equal(new Set(made.map(({ id }) => id)).size, 2);
  return { sent: sent(), calls: made };
}

/** What the tests of failures need of an API. */
interface FailingApi {
  name: string;
  model: string;
  make: MakeClient;
  hello: Answer;
  /** A body with this error message. */
  refusal: (message: string) => object;
  /** A stream that stays open, or breaks off. */
  begun: (isOpen: boolean) => Answer;
  /** Creates a client without a server. */
  create: (options: object) => unknown;
  apiType: string;
}

/** The tests of failures by their names, which are the same for every API. */
export function failuresOf({ name, model, make, ...api }: FailingApi): Record<string, () => Promise<void>> {
  return {
    "an error is an APIError, the key does not show, and the next model is tried": async () => {
      const { origin } = await serve(json(429, api.refusal(`${KEY} is too fast.`)));
      const good = await serve(api.hello);
      const refused = make(origin, { maxRetries: 0 });
      await assert.rejects(
        new OpenAIWrapper({ model, price: 0, client: refused }).create({ messages: HELLO }),
        (error) => {
          assert.ok(error instanceof APIError && error.cause instanceof Error, String(error));
          assert.deepEqual([error.name, error.status], ["RateLimitError", 429]);
          assert.equal(error.message, "the model server answered 429: *** is too fast.");
          return true;
        },
      );
      const configList = [{ client: refused }, { client: make(good.origin) }];
      const { choices } = await new OpenAIWrapper({ model, price: 0, configList }).create({ messages: HELLO });
      assert.equal(choices[0]?.message.content, "Hello.");
    },

    "transient failures are retried, and a server out of reach is one": async () => {
      const { origin } = await serve(json(503, api.refusal("Overloaded"), { "retry-after-ms": "1" }), api.hello);
      const counter = countingFetch();
      const messages = HELLO;
      await new OpenAIWrapper({ model, price: 0, client: make(origin, { fetch: counter.fetch }) }).create({ messages });
      assert.equal(counter.tries, 2);

      const broken = await serve((reply) => reply.destroy());
      const client = make(broken.origin, { maxRetries: 0 });
      await assert.rejects(new OpenAIWrapper({ model, price: 0, client }).create({ messages }), {
        name: "APIConnectionError",
        code: "connection_error",
      });
    },

    "a stream that breaks off fails": async () => {
      const { origin } = await serve(api.begun(false));
      const wrapper = new OpenAIWrapper({ model, price: 0, stream: true, client: make(origin, { maxRetries: 0 }) });
      await assert.rejects(wrapper.create({ messages: HELLO }), { name: "APIConnectionError" });
    },

    "a signal ends a call and a stream with its own reason": async () => {
      for (const stream of [false, true]) {
        const reason = new Error("enough");
        const controller = new AbortController();
        const { origin } = await serve((reply, request) =>
          stream ? api.begun(true)(reply, request) : controller.abort(reason),
        );
        await assert.rejects(
          make(origin).create(
            { model, messages: HELLO, stream },
            { signal: controller.signal, onChunk: () => controller.abort(reason) },
          ),
          (error) => error === reason,
        );
      }
    },

    "a timeout is an error of the connection": async () => {
      const { origin } = await serve(() => {});
      const client = make(origin, { timeoutMs: 50, maxRetries: 0 });
      await assert.rejects(new OpenAIWrapper({ model, price: 0, client }).create({ messages: HELLO }), APIError);
    },

    "mistakes in the setup are named": async () => {
      const refused = (options: object, message: RegExp): void =>
        assert.throws(
          () => api.create(options),
          (error) => error instanceof AgentError && message.test(error.message),
        );
      refused({ api_key: "k" }, /`api_key` is no option of `\w+`: did you mean `apiKey`/);
      refused({ client: {} }, /`client` must be a client of/);
      assert.throws(() => new OpenAIWrapper({ model, apiType: api.apiType }), {
        code: "not_supported",
        message: new RegExp(`\`client: new ${name}\\(\\{ … \\}\\)\`, of \`mlflow-ag2/agents/`),
      });
      const audio = [{ role: "user", content: [{ type: "input_audio" }] }];
      const { origin } = await serve(api.hello);
      await assert.rejects(make(origin).create({ model, messages: audio }, {}), {
        name: "AgentError",
        message: /`input_audio`/,
      });
    },
  };
}
