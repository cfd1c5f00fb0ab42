/** OpenAIWrapper: configuration, cost and usage. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConversableAgent,
  gatherUsageSummary,
  type ModelClient,
  type ModelResponse,
  OpenAIWrapper,
} from "mlflow-ag2/agents";
import { printUsageSummary, setPrinter } from "mlflow-ag2/agents/console";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import { rounded } from "./golden.js";
import { recordReports } from "./recording_observer.js";

const MESSAGES = [{ role: "user", content: "Hello?" }];

test("settings beside configList apply to every entry, whose own values take precedence", async () => {
  const client = new ScriptedModel([{ repeat: "forever", content: "Hi." }]);
  const wrapper = new OpenAIWrapper({
    client,
    temperature: 0.1,
    top_p: 0.5,
    configList: [{ model: "gpt-4o-mini", temperature: 0.9 }],
  });

  await wrapper.create({ messages: MESSAGES });

  assert.deepEqual(client.requests[0], {
    messages: MESSAGES,
    top_p: 0.5,
    temperature: 0.9,
    model: "gpt-4o-mini",
    stream: false,
  });
});

test("a configuration without configList has one model", async () => {
  const client = new ScriptedModel(["Hi."].map((content) => ({ content })));

  await new OpenAIWrapper({ model: "gpt-4o-mini", client, max_tokens: 5 }).create({ messages: MESSAGES });

  assert.deepEqual(client.requests[0], { messages: MESSAGES, max_tokens: 5, model: "gpt-4o-mini", stream: false });
});

test("with round_robin each request starts with the next model", async () => {
  const client = new ScriptedModel([{ repeat: "forever", content: "Hi." }]);
  const wrapper = new OpenAIWrapper({
    client,
    routingMethod: "round_robin",
    configList: [
      { model: "a", price: 1 },
      { model: "b", price: 1 },
    ],
  });

  for (let count = 0; count < 3; count++) await wrapper.create({ messages: MESSAGES });

  assert.deepEqual(
    client.requests.map(({ model }) => model),
    ["a", "b", "a"],
  );
});

test("filterFunc rejects responses, so that the next model is tried, except of the last model", async () => {
  const client = new ScriptedModel([{ repeat: "forever", content: "Hi." }]);
  const filterFunc = ({ response }: { response: ModelResponse }): boolean => response.model === "none";
  const wrapper = new OpenAIWrapper({ client, price: 1, filterFunc, configList: [{ model: "a" }, { model: "b" }] });

  assert.equal((await wrapper.create({ messages: MESSAGES })).model, "b");
});

test("cost is determined by AG2's table, by the price given, or by the client", async () => {
  const usage = [1000, 500] as const;
  const cost = async (config: object): Promise<number | undefined> =>
    (await new OpenAIWrapper({ client: new ScriptedModel([{ usage }]), ...config }).create({ messages: MESSAGES }))
      .cost;
  const own: ModelClient = {
    create: async () => ({ model: "mine", choices: [{ message: { content: "Hi." } }] }),
    cost: () => 7,
  };

  assert.equal(await cost({ model: "gpt-4o" }), 0.0125);
  assert.equal(await cost({ model: "unlisted", price: [1, 2] }), 2);
  assert.equal(await cost({ model: "unlisted", price: 2 }), 3);
  assert.equal(await cost({ model: "mine", client: own }), 7);
});

test("a model without a price costs nothing and causes one warning, whatever number of agents call it", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const client = new ScriptedModel([{ repeat: 4, content: "Hi." }]);
  for (const wrapper of [1, 2].map(() => new OpenAIWrapper({ model: "unlisted", client }))) {
    assert.equal((await wrapper.create({ messages: MESSAGES })).cost, 0);
    await wrapper.create({ messages: MESSAGES });
  }

  assert.equal(warn.mock.callCount(), 1);
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /`unlisted`.*`price: \[promptPer1K, completionPer1K\]`/);
});

test("300 silent chats with a model without a price cause one warning", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const client = new ScriptedModel([{ repeat: "forever", content: "Hi." }]);
  for (let count = 0; count < 300; count++) {
    const llmConfig = { model: "another unlisted", client };
    const guide = new ConversableAgent({ name: "guide", humanInputMode: "NEVER", llmConfig });
    const user = new ConversableAgent({ name: "user", humanInputMode: "NEVER", llmConfig });
    await user.initiateChat(guide, { message: "Hello.", maxTurns: 2, silent: true });
  }

  assert.deepEqual(
    warn.mock.calls.map(({ arguments: [text] }) => String(text).slice(0, 58)),
    ["mlflow-ag2/agents: model `another unlisted` has no known p"],
  );
});

test("usage is summed by model and over agents, and can be cleared", async () => {
  const one = agentWithScript("one", [
    { usage: [10, 1], content: "A." },
    { usage: [20, 2], content: "B." },
  ]).agent;
  const two = agentWithScript("two", [{ usage: [100, 10], content: "C.", model: "gpt-4o" }]).agent;
  for (const agent of [one, one, two]) await agent.generateReply({ messages: MESSAGES });

  assert.deepEqual(rounded(one.getActualUsage()), {
    total_cost: 0.0000063,
    "gpt-4o-mini": { cost: 0.0000063, prompt_tokens: 30, completion_tokens: 3, total_tokens: 33 },
  });
  assert.deepEqual(rounded(gatherUsageSummary([one, two, plainAgent("three")]).usage_excluding_cached_inference), {
    total_cost: 0.0006563,
    "gpt-4o-mini": { cost: 0.0000063, prompt_tokens: 30, completion_tokens: 3, total_tokens: 33 },
    "gpt-4o": { cost: 0.00065, prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  });
  one.reset();
  assert.equal(one.getTotalUsage(), undefined);
});

test("usage is printed as in Python", async () => {
  const client = new ScriptedModel([{ content: "Hi.", usage: [1000, 500] }]);
  const wrapper = new OpenAIWrapper({ client, model: "gpt-4o", cache: new Map<string, string>() });
  const printed = (action: () => void): string => {
    const lines: string[] = [];
    const undo = setPrinter((text) => void lines.push(text));
    try {
      action();
    } finally {
      undo();
    }
    return lines.join("\n");
  };
  const frame = "-".repeat(100);
  const usage = (word: string, cost: number, count: number): string =>
    `Usage summary ${word} cached usage: \nTotal cost: ${cost}\n` +
    `* Model 'gpt-4o': cost: ${cost}, prompt_tokens: ${1000 * count}, ` +
    `completion_tokens: ${500 * count}, total_tokens: ${1500 * count}`;

  assert.equal(
    printed(() => printUsageSummary(wrapper)),
    'No usage summary. Please call "create" first.',
  );
  await wrapper.create({ messages: MESSAGES });
  assert.equal(
    printed(() => printUsageSummary(wrapper)),
    `${frame}\n${usage("excluding", 0.0125, 1)}\n\n` +
      "All completions are non-cached: the total cost with cached completions is the same as actual cost.\n" +
      frame,
  );
  await wrapper.create({ messages: MESSAGES });
  assert.equal(
    printed(() => printUsageSummary(wrapper, ["actual", "total"])),
    `${frame}\n${usage("excluding", 0.0125, 1)}\n\n${usage("including", 0.025, 2)}\n${frame}`,
  );
  assert.equal(
    printed(() => printUsageSummary(wrapper, "total")),
    `${frame}\n${usage("including", 0.025, 2)}\n${frame}`,
  );
  wrapper.clearUsageSummary();
  await wrapper.create({ messages: MESSAGES });
  assert.equal(
    printed(() => printUsageSummary(wrapper, "actual")),
    `${frame}\nNo actual cost incurred (all completions are using cache).\n${frame}`,
  );
  assert.throws(() => printUsageSummary(wrapper, "none" as never), { code: "invalid_option" });
  assert.throws(() => printUsageSummary(wrapper, []), { code: "invalid_option" });
});

test("an agent's usage is printed under its name", async () => {
  const { agent } = agentWithScript("one", ["A."]);
  await agent.generateReply({ messages: MESSAGES });
  const printed: string[] = [];
  const undo = setPrinter((text) => void printed.push(text));
  try {
    printUsageSummary(agent, "actual");
    printUsageSummary(plainAgent("two"));
  } finally {
    undo();
  }
  assert.equal(printed[0], "Agent 'one':");
  assert.match(printed[1] ?? "", /Model 'gpt-4o-mini'/);
  assert.equal(printed[2], "No cost incurred from agent 'two'.");
});

test("an entry streams if the setting beside configList says so, unless its own says otherwise", async () => {
  const client = new ScriptedModel([{ status: 500 }, { content: "Hi." }]);
  const wrapper = new OpenAIWrapper({
    client,
    stream: true,
    configList: [{ model: "a", stream: false }, { model: "gpt-4o-mini" }],
  });
  const undo = setPrinter(() => {});

  await wrapper.create({ messages: MESSAGES });

  undo();
  assert.deepEqual(
    client.requests.map(({ stream }) => stream),
    [false, true],
  );
});

test("with round_robin a model that fails is skipped, and the order continues", async () => {
  const client = new ScriptedModel([
    { match: { model: "b" }, status: 500 },
    { match: { model: "a" }, repeat: 3, content: "Hi.", optional: true },
    { match: { model: "b" }, repeat: 3, content: "Hi.", optional: true },
    { match: { model: "c" }, repeat: 3, content: "Hi.", optional: true },
  ]);
  const wrapper = new OpenAIWrapper({
    client,
    price: 1,
    routingMethod: "round_robin",
    configList: [{ model: "a" }, { model: "b" }, { model: "c" }],
  });

  for (let count = 0; count < 4; count++) await wrapper.create({ messages: MESSAGES });

  assert.deepEqual(
    client.requests.map(({ model }) => model),
    ["a", "b", "c", "c", "a"],
  );
});

test("tags and other settings are not sent", async () => {
  const client = new ScriptedModel([{ content: "Hi." }]);

  await new OpenAIWrapper({ client, model: "gpt-4o-mini", tags: ["cheap"], cacheSeed: null }).create({
    messages: MESSAGES,
  });

  assert.deepEqual(client.requests[0], { messages: MESSAGES, model: "gpt-4o-mini", stream: false });
});

test("registering a tool later does not reset the usage", async () => {
  const { agent } = agentWithScript("one", ["A."]);
  await agent.generateReply({ messages: MESSAGES });
  const before = agent.getActualUsage();

  agent.registerForLlm({ name: "tool" })(() => 1);

  assert.ok(before !== undefined);
  assert.deepEqual(agent.getActualUsage(), before);
});

test("a template is filled from the context of the newest message, and repeats its text without one", async () => {
  const { agent, model } = agentWithScript("helper", [{ repeat: "forever", content: "Yes." }]);
  const replies = ["And?", { content: "Now?", context: { town: "Bonn" } }];
  const user = plainAgent("user");
  user.registerReply([ConversableAgent], () => [true, replies.shift()]);

  await user.initiateChat(agent, {
    message: { content: ({ town }) => `Tell me of ${String(town)}.`, context: { town: "Ulm" } },
    maxTurns: 3,
  });

  assert.deepEqual(model.requests[0]?.messages.at(-1), { content: "Tell me of Ulm.", role: "user", name: "user" });
  assert.deepEqual(
    model.requests.map(({ messages }) => messages[1]?.content),
    ["Tell me of Ulm.", "Tell me of Ulm.", "Tell me of Bonn."],
  );
});

test("messages that were sent before are the same objects in the next request", async () => {
  const { agent } = agentWithScript("helper", ["One.", "Two."]);

  const recorded = await recordReports(() =>
    plainAgent("user", { defaultAutoReply: "More." }).initiateChat(agent, { message: "Begin.", maxTurns: 2 }),
  );

  const [first, second] = recorded.starts("modelCall").map(({ request }) => request.messages);
  assert.ok(first?.length === 2 && first.every((message, index) => message === second?.[index]));
});

test("a text template is filled only if allowFormatStrTemplate is set", async () => {
  const client = new ScriptedModel([{ repeat: "forever", content: "Yes." }]);
  const ask = (allowFormatStrTemplate: boolean): Promise<unknown> =>
    new OpenAIWrapper({ client, model: "gpt-4o-mini", allowFormatStrTemplate }).create(
      { messages: [{ role: "user", content: "{{literal}} {town}" }] },
      { variables: { town: "Ulm" } },
    );

  await ask(true);
  await ask(false);

  assert.deepEqual(
    client.requests.map(({ messages }) => messages[0]?.content),
    ["{literal} Ulm", "{{literal}} {town}"],
  );
});

test("an invalid configuration is rejected with its fix", () => {
  assert.throws(() => new OpenAIWrapper({ configList: [] }), {
    code: "invalid_config",
    message: /`configList` is empty/,
  });
  assert.throws(() => new OpenAIWrapper({ configList: [{ model: "m", apiType: "bedrock" }] }), {
    code: "not_supported",
    message: /`apiType: "bedrock"` needs a client: give `client`/,
  });
  assert.throws(() => new OpenAIWrapper({ configList: [{ model: "m", cache_seed: 42 }] }), {
    code: "invalid_config",
    message: /is called `cacheSeed` here/,
  });
});
