import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type AgentObserver, ConversableAgent, type ModelClient, observe, type Scope } from "mlflow-ag2/agents";

/** A model that calls the tool `probe` once, and then ends the chat. */
function model(): ModelClient {
  let calls = 0;
  return {
    create: async (request) => {
      const first = calls++ === 0;
      const call = { id: "call_1", type: "function" as const, function: { name: "probe", arguments: "{}" } };
      const message = first
        ? { role: "assistant", content: null, tool_calls: [call] }
        : { role: "assistant", content: "TERMINATE" };
      return { id: "c", model: request.model ?? "m", choices: [{ index: 0, finish_reason: "stop", message }] };
    },
  };
}

let stop: (() => void)[] = [];
afterEach(() => {
  for (const each of stop) each();
  stop = [];
});

/** One chat with one call of `probe`, with `observers`. */
async function chat(probe: () => unknown, ...observers: AgentObserver[]): Promise<unknown> {
  stop = observers.map((observer) => observe(observer));
  const assistant = new ConversableAgent({
    name: "assistant",
    llmConfig: { configList: [{ model: "m", client: model(), price: 0 }] },
    humanInputMode: "NEVER",
  });
  const user = new ConversableAgent({
    name: "user",
    llmConfig: false,
    humanInputMode: "NEVER",
    isTerminationMsg: (message) => message.content === "TERMINATE",
  });
  assistant.registerForLlm({ name: "probe", description: "A probe", parameters: { type: "object", properties: {} } })(
    probe,
  );
  user.registerForExecution({ name: "probe" })(probe);
  const { chatHistory } = await user.initiateChat(assistant, { message: "Hello.", silent: true });
  return chatHistory;
}

test("an observer runs around the work of every operation, innermost last", async () => {
  const stack: string[] = [];
  let around: string[] = [];
  const kinds = new Set<string>();
  const observer: AgentObserver = {
    around: (scope, work) => {
      kinds.add(scope.kind);
      stack.push(scope.kind);
      try {
        return work();
      } finally {
        stack.pop();
      }
    },
  };
  await chat(() => void (around = [...stack]), observer);
  assert.deepEqual([...kinds], ["chat", "reply", "modelCall", "toolCall"]);
  assert.equal(around.at(-1), "toolCall");
  assert.deepEqual(stack, []);
});

test("a scope has started before observers run around it", async () => {
  const started = new Set<Scope>();
  const early: string[] = [];
  await chat(() => 1, {
    start: (scope) => void started.add(scope),
    around: (scope, work) => {
      if (!started.has(scope)) early.push(scope.kind);
      return work();
    },
  });
  assert.deepEqual(early, []);
});

const misbehaving: Record<string, AgentObserver["around"]> = {
  "throws before the work": () => {
    throw new Error("observer");
  },
  "throws after the work": (_scope, work) => {
    void work();
    throw new Error("observer");
  },
  "forgets the work": () => undefined as never,
  "does the work twice": (_scope, work) => {
    work();
    return work();
  },
  "gives something else": (_scope, work) => {
    work();
    return "something else" as never;
  },
  "is async": (async (_scope: Scope, work: () => unknown) => {
    await Promise.resolve();
    return work();
  }) as never,
  "is async and fails": (async (_scope: Scope, work: () => unknown) => {
    await work();
    throw new Error("observer");
  }) as never,
};

for (const [what, around] of Object.entries(misbehaving)) {
  test(`the work runs once and its result is unchanged, when the observer ${what}`, async () => {
    const plain = await chat(() => "fine");
    let calls = 0;
    const recorded = await chat(
      () => `${["fine"][calls++]}`,
      { around: around! },
      { around: (_scope, work) => work() },
    );
    assert.deepEqual(recorded, plain);
    assert.equal(calls, 1);
  });

  test(`the caller gets an error of the work unchanged, when the observer ${what}`, async () => {
    const error = new Error("work");
    const failing = new ConversableAgent({ name: "failing", llmConfig: false, humanInputMode: "NEVER" });
    failing.registerReply(null, () => {
      throw error;
    });
    stop = [observe({ around: around! })];
    await assert.rejects(
      failing.generateReply({ messages: [{ role: "user", content: "Hello." }] }),
      (thrown) => thrown === error,
    );
  });
}

test("an observer runs around every function of the program that is called, whatever was awaited before", async () => {
  const stack: string[] = [];
  const seen: [what: string, where: string | undefined][] = [];
  const see = (what: string): void => void seen.push([what, stack.at(-1)]);
  const observer: AgentObserver = {
    around: (scope, work) => {
      stack.push(scope.kind);
      try {
        return work();
      } finally {
        stack.pop();
      }
    },
  };
  const scripted = model();
  const assistant = new ConversableAgent({
    name: "assistant",
    llmConfig: {
      configList: [
        {
          model: "m",
          client: { create: (request, options) => (see("model"), scripted.create(request, options)) },
          price: 0,
        },
      ],
    },
    humanInputMode: "NEVER",
  });
  const user = new ConversableAgent({
    name: "user",
    llmConfig: false,
    humanInputMode: "TERMINATE",
    isTerminationMsg: (message) => (see("isTerminationMsg"), message.content === "TERMINATE"),
    getHumanInput: () => (see("getHumanInput"), "exit"),
  });
  assistant.registerForLlm({ name: "probe", description: "A probe", parameters: { type: "object", properties: {} } })(
    () => see("tool"),
  );
  user.registerForExecution({ name: "probe" })(() => see("tool"));
  assistant.registerReply(null, () => (see("reply function"), [false]), {});
  assistant.registerReply(user, () => (see("reply function"), [false]));
  assistant.registerHook("processLastReceivedMessage", async (content) => (see("hook"), content));
  assistant.registerHook("safeguardLlmInputs", async (messages) => (see("hook"), messages));
  stop = [observe(observer)];
  await user.initiateChat(assistant, {
    message: () => (see("message"), "Hello."),
    summaryMethod: () => (see("summary"), ""),
    silent: true,
  });

  const where = (what: string): (string | undefined)[] => [
    ...new Set(seen.filter(([name]) => name === what).map(([, kind]) => kind)),
  ];
  assert.deepEqual(where("message"), ["chat"]);
  assert.deepEqual(where("summary"), ["chat"]);
  assert.deepEqual(where("model"), ["modelCall"]);
  assert.deepEqual(where("tool"), ["toolCall"]);
  assert.deepEqual(where("getHumanInput"), ["humanInput"]);
  assert.deepEqual(where("reply function"), ["reply"]);
  assert.deepEqual(where("isTerminationMsg"), ["reply"]);
  assert.deepEqual(where("hook"), ["reply"]);
});
