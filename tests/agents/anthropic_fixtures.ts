/** A server that speaks Anthropic's messages API, and its responses. */

import { type ModelRequest, type ModelResponse, OpenAIWrapper } from "mlflow-ag2/agents";
import { AnthropicClient, type AnthropicClientOptions } from "mlflow-ag2/agents/anthropic";
import { json, startModelServer } from "./model_server.js";

export type Body = Record<string, unknown> & { messages: { role: string; content: unknown }[] };

export const MODEL = "claude-opus-4-6";
export const USAGE = { input_tokens: 10, output_tokens: 5 };
export const PIXEL = "iVBORw0KGgo=";

/** A response of the API, as it is recorded in its reference. */
export const message = (content: unknown[], more: object = {}): object => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: MODEL,
  content,
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: USAGE,
  ...more,
});
export const text = (text: string): object => ({ type: "text", text });
export const HELLO = json(200, message([text("Hello.")]));

export const event = (data: { type: string } & Record<string, unknown>): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** The events of a streamed message. */
export function events(
  blocks: readonly { start: object; deltas: readonly object[] }[],
  { stop_reason = "end_turn", usage = USAGE } = {},
): string[] {
  return [
    event({
      type: "message_start",
      message: message([], { stop_reason: null, usage: { ...usage, output_tokens: 1 } }),
    }),
    event({ type: "ping" }),
    ...blocks.flatMap(({ start, deltas }, index) => [
      event({ type: "content_block_start", index, content_block: start }),
      ...deltas.map((delta) => event({ type: "content_block_delta", index, delta })),
      event({ type: "content_block_stop", index }),
    ]),
    event({ type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } }),
    event({ type: "message_stop" }),
  ];
}

export async function serve(
  ...answers: Parameters<typeof startModelServer>
): Promise<{ baseUrl: string; bodies: () => Body[]; received: { url: string; headers: Record<string, unknown> }[] }> {
  const { baseUrl, received } = await startModelServer(...answers);
  return {
    baseUrl: new URL(baseUrl).origin,
    bodies: () => received.map(({ body }) => JSON.parse(body) as Body),
    received,
  };
}

export const client = (baseUrl: string, more: AnthropicClientOptions = {}): AnthropicClient =>
  new AnthropicClient({ apiKey: "secret-key-1", baseUrl, ...more });

/** Sends one request, and returns its body and the response. */
export async function ask(
  request: Partial<ModelRequest>,
  answer: Parameters<typeof startModelServer>[0] = HELLO,
): Promise<{ body: Body; response: ModelResponse }> {
  const { baseUrl, bodies } = await serve(answer);
  const { messages = [{ role: "user", content: "Hello?" }], ...parameters } = request;
  const wrapper = new OpenAIWrapper({ model: MODEL, client: client(baseUrl), price: 0, ...parameters });
  const response = await wrapper.create({ messages });
  return { body: bodies()[0] as Body, response };
}

export const WEATHER = {
  type: "function",
  function: {
    name: "weather",
    description: "The weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
