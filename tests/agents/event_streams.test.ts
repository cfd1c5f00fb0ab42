/** Streams of server-sent events, whose data, lines and line ends the network splits anywhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenAIClient } from "mlflow-ag2/agents";
import { DONE, event, startModelServer, streamed } from "./model_server.js";

const REQUEST = { messages: [{ role: "user", content: "Hello?" }], model: "gpt-4o-mini", stream: true };

for (const lineEnd of ["\n", "\r\n", "\r"]) {
  test(`an event whose data has several lines, which end with ${JSON.stringify(lineEnd)}, is one`, async () => {
    const text = [
      event({ content: "Hel" }).replace(',"', ',\ndata:"'),
      event({ content: "lo." }, "stop").replace(',"', ',\ndata\ndata: "'),
      DONE,
    ].join("");
    const bytes = new TextEncoder().encode(text.replaceAll("\n", lineEnd));
    const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    for (const pieces of [single, [bytes]]) {
      const { baseUrl } = await startModelServer(streamed(pieces));
      const { choices } = await new OpenAIClient({ baseUrl, maxRetries: 0 }).create(REQUEST);
      assert.equal(choices[0]?.message.content, "Hello.");
    }
  });
}
