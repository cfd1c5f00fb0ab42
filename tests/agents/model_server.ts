/** A model server on this machine, for tests of the HTTP client. */

import { after } from "node:test";
import { type Answer, type AnsweringServer, type Received, startAnsweringServer } from "../support/answering-server.js";
import { nextTask } from "./agent_fixtures.js";

const servers: AnsweringServer[] = [];
after(() => servers.forEach((server) => server.stop()));

/** Starts a server that sends the answers in order; the last one is repeated. */
export async function startModelServer(...answers: Answer[]): Promise<{ baseUrl: string; received: Received[] }> {
  const received: Received[] = [];
  const server = await startAnsweringServer((reply, request) => {
    received.push(request);
    answers[Math.min(received.length, answers.length) - 1]?.(reply, request);
  });
  servers.push(server);
  return { baseUrl: `${server.origin}/v1`, received };
}

/**
 * A `fetch` that counts its calls. The requests of a server are no measure: some hosts retry by
 * themselves, or abort before they have connected.
 */
export function countingFetch(): { fetch: typeof fetch; tries: number } {
  const counter = {
    tries: 0,
    fetch: (...request: Parameters<typeof fetch>): Promise<Response> => {
      counter.tries += 1;
      return fetch(...request);
    },
  };
  return counter;
}

/** An answer with a JSON body. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (reply) =>
    reply.head(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** An answer as strict about the names in messages as OpenAI's API. Other requests get `accepted`. */
export const strict =
  (accepted: Answer): Answer =>
  (reply, request) => {
    const { messages } = JSON.parse(request.body) as { messages: { name?: string }[] };
    const index = messages.findIndex(({ name }) => name !== undefined && !/^[^\s<|\\/>]{1,64}$/.test(name));
    if (index < 0) return accepted(reply, request);
    const message =
      `Invalid 'messages[${index}].name': string does not match pattern. ` +
      "Expected a string that matches the pattern '^[^\\s<|\\\\/>]+$'.";
    const error = { message, type: "invalid_request_error", param: `messages[${index}].name`, code: "invalid_value" };
    return json(400, { error })(reply, request);
  };

/** A streamed answer: each chunk is written unchanged, and the body ends after the last one unless `isOpen`. */
export const streamed =
  (pieces: readonly (string | Uint8Array)[], { isOpen = false, gapMs = 0 } = {}): Answer =>
  async (reply) => {
    reply.head(200, { "content-type": "text/event-stream; charset=utf-8" });
    for (const piece of pieces) {
      await (gapMs === 0 ? nextTask() : new Promise((resolve) => setTimeout(resolve, gapMs)));
      reply.write(piece);
    }
    if (!isOpen) reply.end();
  };

/** One chunk of a streamed completion, as an event. */
export function event(delta: Record<string, unknown>, finish_reason: string | null = null, index = 0): string {
  return data({
    id: "c1",
    created: 1,
    model: "gpt-4o-mini",
    object: "chat.completion.chunk",
    choices: [{ index, delta, finish_reason }],
  });
}

/** An event with JSON data. */
export function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** The end of a stream. */
export const DONE = "data: [DONE]\n\n";
