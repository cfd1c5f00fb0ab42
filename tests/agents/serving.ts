/** A model server on this machine, for tests of the HTTP client. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { after } from "node:test";

/** A request as it arrived. */
export interface Received {
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

/** What a server answers. */
export type Answer = (response: ServerResponse, received: Received) => void;

const servers: (() => void)[] = [];
after(() => servers.forEach((close) => close()));

/** A server that gives one answer after the other; the last one again and again. */
export async function serving(...answers: Answer[]): Promise<{ baseUrl: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const now = { url: request.url, headers: request.headers, body: Buffer.concat(pieces).toString() };
    received.push(now);
    answers[Math.min(received.length, answers.length) - 1]?.(response, now);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { baseUrl: `http://127.0.0.1:${address.port}/v1`, received };
}

/** An answer with a JSON body. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => (response) =>
  void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** An answer that is streamed: each piece is written as it is, bytes and all, and the body ends behind the last unless told otherwise. */
export const streamed = (pieces: readonly (string | Uint8Array)[], { isOpen = false, gapMs = 0 } = {}): Answer => async (response) => {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  for (const piece of pieces) {
    await new Promise((resolve) => (gapMs === 0 ? setImmediate(resolve) : setTimeout(resolve, gapMs)));
    response.write(piece);
  }
  if (!isOpen) response.end();
};

/** One chunk of a streamed completion, as an event. */
export function event(delta: Record<string, unknown>, finish_reason: string | null = null, index = 0): string {
  return data({ id: "c1", created: 1, model: "gpt-4o-mini", object: "chat.completion.chunk", choices: [{ index, delta, finish_reason }] });
}

/** An event with JSON in it. */
export function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** The end of a stream. */
export const DONE = "data: [DONE]\n\n";
