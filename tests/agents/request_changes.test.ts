/** The changes of requests before they are sent: Azure's URLs, and AG2's changes for some models. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ModelRequest, OpenAIWrapper } from "mlflow-ag2/agents";
import { AzureOpenAIClient } from "mlflow-ag2/agents/azure";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { json, startModelServer } from "./model_server.js";
import { recordReports } from "./recording_observer.js";

const HELLO = json(200, {
  id: "c1",
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
});
const SYSTEM = { role: "system", content: "You are an AG2 agent." };
const USER = { role: "user", content: "Help me with my problem." };
const ASSISTANT = { role: "assistant", content: "What is it?" };

/** The body that is sent for this request. */
async function sent(request: ModelRequest): Promise<ModelRequest> {
  const model = new ScriptedModel([{ content: "Yes." }]);
  await model.create(request);
  return model.requests[0] ?? assert.fail();
}

test("Azure: the URL contains the deployment, and a separate header the key", async () => {
  const { baseUrl, received } = await startModelServer(HELLO);
  const endpoint = baseUrl.replace("/v1", "/");

  const wrapper = new OpenAIWrapper({
    client: new AzureOpenAIClient({ baseUrl: endpoint, apiKey: "secret", apiVersion: "2024-10-21" }),
    configList: [{ model: "gpt-4o-mini" }],
  });
  await wrapper.create({ messages: [USER] });

  assert.equal(received[0]?.url, "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21");
  assert.equal(received[0]?.headers["api-key"], "secret");
  assert.equal(received[0]?.headers.authorization, undefined);
  assert.deepEqual(JSON.parse(received[0]?.body ?? ""), { messages: [USER], model: "gpt-4o-mini", stream: false });
});

test("Azure: a deployment with another name, and a token that is requested for each request", async () => {
  const { baseUrl, received } = await startModelServer(HELLO);
  let tokens = 0;
  const client = new AzureOpenAIClient({
    baseUrl: baseUrl.replace("/v1", ""),
    apiVersion: "v",
    azureDeployment: "my mini",
    azureAdToken: async () => `token-${++tokens}`,
  });

  for (let count = 0; count < 2; count++) await client.create({ messages: [USER], model: "gpt-4o-mini" });

  assert.equal(received[0]?.url, "/openai/deployments/my%20mini/chat/completions?api-version=v");
  assert.deepEqual(
    received.map(({ headers }) => headers.authorization),
    ["Bearer token-1", "Bearer token-2"],
  );
});

test("Azure: a missing option is named, with the place to set it", () => {
  const given = { baseUrl: "http://localhost", apiVersion: "v", apiKey: "k" } as const;
  const without = (name: string): AzureOpenAIClient => new AzureOpenAIClient({ ...given, [name]: undefined });

  assert.throws(() => without("baseUrl"), { code: "invalid_config", message: /`baseUrl`.*`AZURE_OPENAI_ENDPOINT`/ });
  assert.throws(() => without("apiVersion"), { code: "invalid_config", message: /`apiVersion`.*`OPENAI_API_VERSION`/ });
  assert.throws(() => without("apiKey"), {
    code: "invalid_config",
    message: /`apiKey` or `azureAdToken`.*`AZURE_OPENAI_API_KEY`/,
  });
  assert.throws(() => new OpenAIWrapper({ configList: [{ ...given, model: "m", api_version: "v" }] }), {
    message: "`api_version` in `llmConfig` is called `apiVersion` here",
  });
});

test("Azure: a request without model and deployment is an error", async () => {
  const client = new AzureOpenAIClient({ baseUrl: "http://localhost", apiVersion: "v", apiKey: "k" });

  await assert.rejects(client.create({ messages: [USER] }), {
    code: "invalid_config",
    message: /`model` or `azureDeployment`/,
  });
});

test("o1: parameters that it rejects are omitted with a warning, and max_tokens is renamed", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const refused = {
    temperature: 0.7,
    frequency_penalty: 1,
    presence_penalty: 0.5,
    top_p: 0.9,
    logprobs: 5,
    top_logprobs: 3,
    logit_bias: { 1: 2 },
  };

  const request = await sent({
    model: "o1-test",
    messages: [SYSTEM, USER],
    max_tokens: 100,
    valid_param: "keep me",
    stream: true,
    ...refused,
  });

  assert.deepEqual(request, {
    model: "o1-test",
    messages: [SYSTEM, USER],
    max_completion_tokens: 100,
    valid_param: "keep me",
    stream: false,
  });
  assert.equal(warn.mock.callCount(), Object.keys(refused).length + 1);
  await sent({ model: "o1-test", messages: [USER], ...refused });
  assert.equal(warn.mock.callCount(), Object.keys(refused).length + 1, "once is enough");
});

test("o1-mini and o1-preview get system messages with the role user, o1 gets them unchanged", async () => {
  const asUser = { role: "user", content: `System message: ${SYSTEM.content}` };
  for (const model of ["o1-mini", "o1-preview", "o1-mini-2024-09-12", "o1-preview-2024-09-12"])
    assert.deepEqual((await sent({ model, messages: [SYSTEM, USER] })).messages, [asUser, USER]);
  for (const model of ["o1", "o1-2024-12-17"])
    assert.deepEqual((await sent({ model, messages: [SYSTEM, USER] })).messages, [SYSTEM, USER]);
});

test("mistral gets system messages with the role user", async () => {
  assert.deepEqual((await sent({ model: "mistral-large", messages: [SYSTEM, USER] })).messages, [
    { ...SYSTEM, role: "user" },
    USER,
  ]);
});

test("deepseek-reasoner gets the system message first, alternating roles, and a user at the end", async () => {
  const reasoned = async (...messages: ModelRequest["messages"]): Promise<unknown> =>
    (await sent({ model: "deepseek-reasoner", messages })).messages;

  assert.deepEqual(await reasoned(SYSTEM, USER), [SYSTEM, USER]);
  assert.deepEqual(await reasoned(ASSISTANT, SYSTEM, USER), [SYSTEM, ASSISTANT, USER]);
  assert.deepEqual(await reasoned(USER, SYSTEM, USER), [
    SYSTEM,
    USER,
    { ...USER, role: "assistant" },
    { role: "user", content: "continue" },
  ]);
  for (const model of ["deepseek-chat", "something-else"])
    assert.deepEqual((await sent({ model, messages: [USER, SYSTEM, USER] })).messages, [USER, SYSTEM, USER]);
});

test("the messages of the chat are unchanged, and observers get what is sent", async () => {
  const messages = [{ ...SYSTEM }, { ...USER }];
  const wrapper = new OpenAIWrapper({ model: "o1-mini", client: new ScriptedModel([{ content: "Yes." }]) });

  const recorded = await recordReports(() => wrapper.create({ messages }));

  assert.deepEqual(messages, [SYSTEM, USER]);
  assert.equal(recorded.starts("modelCall")[0]?.request.messages[0]?.role, "user");
});
