/** Requests to other vendors' models are those that Python's AG2 makes, message by message. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AnthropicClient } from "mlflow-ag2/agents/anthropic";
import { MistralAIClient } from "mlflow-ag2/agents/mistral";
import { json } from "./model_server.js";
import { ask, KEY } from "./model_package_fixtures.js";
import { TRANSLATIONS } from "./translations_of_ag2.js";

const WEATHER = {
  type: "function",
  function: {
    name: "weather",
    description: "W",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const usage = { input_tokens: 1, output_tokens: 1, prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const claude = json(200, { id: "m", type: "message", role: "assistant", model: "c", content: [], usage });
const choices = [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }];
const mistral = json(200, { id: "m", object: "chat.completion", created: 1, model: "m", choices, usage });

for (const { name, hasTools, messages, ...expected } of TRANSLATIONS) {
  const request = { messages, ...(hasTools && { tools: [WEATHER] }) };

  test(`${name} are for Anthropic as in AG2`, async () => {
    const make = (baseUrl: string): AnthropicClient => new AnthropicClient({ apiKey: KEY, baseUrl });
    const { body } = await ask(make, "claude-opus-4-6", claude, request);
    const { system, messages: sent, tools } = body;
    assert.deepEqual(JSON.parse(JSON.stringify({ system, messages: sent, tools })), expected.anthropic);
  });

  test(`${name} are for Mistral as in AG2`, async () => {
    const make = (baseUrl: string): MistralAIClient => new MistralAIClient({ apiKey: KEY, baseUrl });
    const { body } = await ask(make, "mistral-small-latest", mistral, request);
    assert.deepEqual(body["messages"], expected.mistral);
  });
}
