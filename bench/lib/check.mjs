/** Checks that no peer is fast because it omits data. */

import assert from "node:assert/strict";
import { spansIn } from "./otlp.mjs";
import { makeChat, payloadOf, spansOf } from "./workload.mjs";

/** Throws unless a peer's exporter was given at least the bytes of all inputs and outputs. */
export function checkBytes(peer, result, turns, chats) {
  const least = chats * payloadOf(makeChat(turns)).reduce((sum, text) => sum + text.length, 0);
  assert.ok(result.bytes >= least, `${peer} exports ${result.bytes} bytes of at least ${least}`);
}

/** Throws unless our OTLP bodies have every input and output of every span, and each chat was captured anew. */
export function checkOurs({ bodies, crossings }, turns, chats) {
  const chat = makeChat(turns);
  const expected = payloadOf(chat)
    .flatMap((text) => Array.from({ length: chats }, () => String(text)))
    .toSorted();
  const spans = bodies.flatMap((body) => spansIn(Buffer.from(body, "base64")));
  assert.equal(spans.length, chats * spansOf(turns));
  const exported = spans.flatMap((span) => [span.get("mlflow.spanInputs"), span.get("mlflow.spanOutputs")]).toSorted();
  assert.deepEqual(exported, expected);
  // The same objects come again in each repetition: no chat may profit from the one before.
  const messages = [...chat.turns.at(-1).inputs, chat.turns.at(-1).reply];
  const least = messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
  for (const characters of crossings)
    assert.ok(characters >= least, `a chat crossed as ${characters} characters of at least ${least}`);
}
