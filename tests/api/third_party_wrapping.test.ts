/** Agents wrapped by hand. */

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { autolog, disable, enable, isEnabled, setTrackingUri, stats, unwrapAgent, wrapAgent } from "mlflow-ag2";
import { createAgent } from "../third_party/closures.js";
import { closureGroup } from "../third_party/programs.js";
import { newLog, ScriptedOpenAI } from "../third_party/script.js";
import { lastTrace, outline, agentOutputs, spansNamed } from "../third_party/traces.js";

before(() => setTrackingUri("memory:"));
beforeEach(enable);
afterEach(() => assert.equal(stats().hookFailures, 0));

class Counter {
  readonly name = "counter";
  #count = 0;

  async generateReply(): Promise<string> {
    return this.#next();
  }

  static isCounter(value: object): boolean {
    return #count in value;
  }

  #next(): string {
    this.#count += 1;
    return `number ${this.#count}`;
  }
}

describe("wrapAgent", () => {
  test("works without autolog()", async () => {
    const agent = wrapAgent(new Counter());
    await agent.generateReply();
    assert.deepEqual(agentOutputs(await lastTrace()), ["counter: undefined/null -> counter/number 1"]);
  });

  test("changes the agent in place, once, and keeps private fields working", async () => {
    const agent = new Counter();
    assert.equal(wrapAgent(agent), agent);
    const hooked = agent.generateReply;
    assert.equal(wrapAgent(agent), agent);
    assert.equal(agent.generateReply, hooked);
    assert.equal(Counter.isCounter(agent), true);
    assert.deepEqual(Object.keys(agent), ["name"]);
    const { traces } = stats();
    assert.equal(await agent.generateReply(), "number 1");
    assert.equal(stats().traces, traces + 1);
  });

  test("leaves other agents of the class alone", async () => {
    wrapAgent(new Counter());
    const { traces } = stats();
    await new Counter().generateReply();
    assert.equal(stats().traces, traces);
  });

  test("uses the name that the option sets", async () => {
    await wrapAgent(new Counter(), { name: "Countess" }).generateReply();
    assert.deepEqual(outline(await lastTrace()), ["AGENT Countess"]);
  });

  test("hooks the model client and the tools of the agent", async () => {
    const log = newLog();
    const client = new ScriptedOpenAI([{ calls: [{ name: "double", args: { x: 4 } }] }, "8", "alone"], log);
    class Worker {
      readonly name = "worker";
      readonly llm = client;
      readonly tools = [{ name: "double", description: "doubles", execute: ({ x }: { x: number }) => 2 * x }];

      async generateReply(text: string): Promise<string> {
        const messages: object[] = [{ role: "user", content: text }];
        const { message } = (await this.llm.chat.completions.create({ model: "m", messages })).choices[0]!;
        for (const { function: called } of message.tool_calls ?? []) {
          const tool = this.tools.find(({ name }) => name === called.name)!;
          messages.push({ role: "tool", content: String(tool.execute(JSON.parse(called.arguments) as { x: number })) });
        }
        return (await this.llm.chat.completions.create({ model: "m", messages })).choices[0]!.message.content!;
      }
    }
    const worker = wrapAgent(new Worker());
    await worker.generateReply("Double 4.");
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), [
      "AGENT worker",
      "  LLM chat_completion",
      "  TOOL double",
      "  LLM chat_completion",
    ]);
    assert.deepEqual(spansNamed(trace, "double")[0]!.inputs, { x: 4 });
    // A call that the program makes with the same client is not part of the agent's operations.
    const { traces } = stats();
    await client.chat.completions.create({ model: "m", messages: [] });
    assert.equal(stats().traces, traces);
  });

  test("reaches functions of the object's own, frozen objects and objects behind proxies", async () => {
    const { result } = await closureGroup(wrapAgent);
    assert.equal((result as { result: string }).result, "Error: no tool none");
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), [
      "CHAIN initiate_chat ERROR",
      "  AGENT plain",
      "    TOOL double",
      "  AGENT frozen",
      "  AGENT hidden ERROR",
      "    TOOL none ERROR",
    ]);
    assert.deepEqual(agentOutputs(trace).slice(0, 2), [
      "plain: user/Double 4. -> plain/double gave 8",
      "frozen: plain/double gave 8 -> frozen/Well done.",
    ]);
  });

  test("returns a proxy for a frozen agent, which otherwise behaves as the agent", async () => {
    const agent = Object.freeze({
      ...createAgent({ name: "ice", log: newLog() }),
      mood: "calm",
      describe(): string {
        return `${this.name} is ${this.mood}`;
      },
    });
    const proxy = wrapAgent(agent);
    assert.notEqual(proxy, agent);
    assert.equal(wrapAgent(agent), proxy);
    assert.equal(wrapAgent(proxy), proxy);
    assert.equal(proxy.name, "ice");
    assert.equal(proxy.describe(), "ice is calm");
    assert.equal(proxy.generateReply, proxy.generateReply);
    assert.equal("mood" in proxy, true);
    assert.deepEqual(Object.keys(proxy), Object.keys(agent));
    assert.throws(() => {
      (proxy as { mood: string }).mood = "wild";
    }, TypeError);
    assert.equal(unwrapAgent(proxy), agent);
  });

  test("hooks a frozen object of a class through its class, for it alone", async () => {
    const agents = [new Counter(), new Counter()].map(Object.freeze) as Counter[];
    const original = Counter.prototype.generateReply;
    for (const agent of agents) assert.equal(wrapAgent(agent), agent);
    const { traces } = stats();
    await agents[0]!.generateReply();
    await agents[1]!.generateReply();
    await new Counter().generateReply();
    assert.equal(stats().traces, traces + 2);
    unwrapAgent(agents[0]!);
    await agents[0]!.generateReply();
    assert.equal(stats().traces, traces + 2);
    unwrapAgent(agents[1]!);
    assert.equal(Counter.prototype.generateReply, original);
  });

  test("is undone by unwrapAgent, to the last property", async () => {
    const log = newLog();
    const client = new ScriptedOpenAI([], log);
    const tool = { name: "tool", execute: () => 1 };
    const { execute } = tool;
    const agent = { name: "own", client, tools: { tool }, generateReply: async (): Promise<string> => "yes" };
    const { generateReply } = agent;
    const before = Object.getOwnPropertyDescriptors(agent);
    wrapAgent(agent);
    assert.notEqual(agent.generateReply, generateReply);
    assert.equal(Object.hasOwn(client.chat.completions, "create"), true);
    assert.equal(unwrapAgent(agent), agent);
    assert.deepEqual(Object.getOwnPropertyDescriptors(agent), before);
    assert.equal(agent.generateReply, generateReply);
    assert.equal(tool.execute, execute);
    assert.equal(Object.hasOwn(client.chat.completions, "create"), false);
    const { traces } = stats();
    await agent.generateReply();
    assert.equal(stats().traces, traces);
  });

  test("keeps what the program has assigned since", () => {
    const agent = wrapAgent(new Counter());
    const own = async (): Promise<string> => "mine";
    agent.generateReply = own;
    unwrapAgent(agent);
    assert.equal(agent.generateReply, own);
  });

  test("is undone and put again as tracing is switched off and on", async () => {
    const agent = wrapAgent(new Counter());
    autolog({ disable: true });
    assert.equal(Object.hasOwn(agent, "generateReply"), false);
    autolog();
    assert.equal(Object.hasOwn(agent, "generateReply"), true);
    disable();
    assert.equal(Object.hasOwn(agent, "generateReply"), false);
    assert.equal(isEnabled(), false);
    enable();
    assert.equal(Object.hasOwn(agent, "generateReply"), true);
  });

  test("keeps no agent alive", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    let agent: Counter | undefined = wrapAgent(new Counter());
    const reference = new WeakRef(agent);
    await agent.generateReply();
    agent = undefined;
    for (let round = 0; round < 20 && reference.deref() !== undefined; round++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      collect();
    }
    assert.equal(reference.deref(), undefined);
  });

  test("rejects an object without methods of agents, with the fix in the message", () => {
    assert.throws(() => wrapAgent({ colour: "red" }), { code: "invalid_argument", message: /generateReply/ });
    assert.throws(() => wrapAgent("alice" as never), { code: "invalid_argument" });
    const registersOnly = { name: "alice", addTools: () => undefined, renderPage: () => undefined };
    assert.throws(() => wrapAgent(registersOnly), { code: "invalid_argument", message: /no operation of an agent/ });
  });
});

describe("one call is one span", () => {
  test("where a method calls super, whether the classes are hooked or the object", async () => {
    class Base {
      readonly name: string = "base";
      async generateReply(messages: readonly string[]): Promise<string> {
        return `${messages.length}`;
      }
    }
    class Middle extends Base {
      override async generateReply(messages: readonly string[]): Promise<string> {
        await Promise.resolve();
        return super.generateReply([...messages, "more"]);
      }
    }
    class Top extends Middle {
      override async generateReply(messages: readonly string[]): Promise<string> {
        return super.generateReply(messages);
      }
    }
    autolog({ library: { Base, Top, Middle } });
    await new Top().generateReply([]);
    assert.deepEqual(outline(await lastTrace()), ["AGENT base"]);
    autolog({ disable: true });
    autolog();
    await wrapAgent(new Top()).generateReply([]);
    assert.deepEqual(outline(await lastTrace()), ["AGENT base"]);
    autolog({ disable: true });
    autolog();
  });

  test("where one overload calls another, and two where an agent is called again in between", async () => {
    class Asker {
      readonly name = "asker";
      async generate_reply(messages: readonly string[]): Promise<string> {
        return this.generateReply(messages);
      }
      async generateReply(messages: readonly string[]): Promise<string> {
        return messages.length > 1 ? "done" : this.executeTool("again", {});
      }
      async executeTool(_name: string, _args: object): Promise<string> {
        return this.generateReply(["one", "two"]);
      }
    }
    await wrapAgent(new Asker()).generate_reply(["one"]);
    assert.deepEqual(outline(await lastTrace()), ["AGENT asker", "  TOOL again", "    AGENT asker"]);
  });
});

describe("every kind of method", () => {
  const agentWith = (
    generateReply: (...given: never[]) => unknown,
  ): { name: string; generateReply: (...given: never[]) => unknown } => wrapAgent({ name: "some", generateReply });

  test("sync: its value is its reply, at once", async () => {
    assert.equal(agentWith(() => "now").generateReply(), "now");
    assert.deepEqual(agentOutputs(await lastTrace()), ["some: undefined/null -> some/now"]);
  });

  test("sync and throwing: the error is the same", async () => {
    const error = new Error("no");
    assert.throws(
      agentWith(() => {
        throw error;
      }).generateReply,
      (thrown) => thrown === error,
    );
    assert.deepEqual(outline(await lastTrace()), ["AGENT some ERROR"]);
  });

  test("async: the promise is the very one that the method made", async () => {
    const promise = Promise.resolve("later");
    const { generateReply } = agentWith(() => promise);
    assert.equal(generateReply(), promise);
    assert.equal(await promise, "later");
    assert.deepEqual(agentOutputs(await lastTrace()), ["some: undefined/null -> some/later"]);
  });

  test("an async generator: it runs when it is iterated, and its chunks together are the reply", async () => {
    const log: string[] = [];
    async function* reply(): AsyncGenerator<string> {
      log.push("began");
      yield "Hel";
      yield "lo";
    }
    const stream = agentWith(reply).generateReply() as AsyncGenerator<string>;
    assert.equal(log.length, 0);
    assert.equal(stats().open, 1);
    for await (const piece of stream) log.push(piece);
    assert.deepEqual(log, ["began", "Hel", "lo"]);
    assert.deepEqual(agentOutputs(await lastTrace()), ["some: undefined/null -> some/Hello"]);
    assert.equal(Object.hasOwn(stream, "next"), false);
  });

  test("this and the arguments are those of the call", () => {
    const seen: unknown[] = [];
    const agent = wrapAgent({
      name: "some",
      generateReply(...given: unknown[]): void {
        seen.push(this, ...given);
      },
    });
    const [one, two] = [{}, Symbol("two")];
    agent.generateReply(one, two);
    assert.deepEqual(seen, [agent, one, two]);
    const other = { name: "other" };
    agent.generateReply.call(other as never, one);
    assert.equal(seen[3], other);
  });

  test("a reply without a message has no span", async () => {
    const { traces } = stats();
    for (const nothing of [null, undefined, false, [false, null], { success: true, reply: null }])
      await agentWith(async () => nothing).generateReply();
    assert.equal(stats().traces, traces);
  });

  test("replies are found in what they are wrapped in", async () => {
    const replies = [
      ["yes"],
      [true, "yes"],
      { reply: "yes" },
      { success: true, reply: "yes" },
      { message: { content: "yes" } },
      { chatMessage: { content: "yes", source: "some" } },
      { role: "assistant", content: "yes" },
    ];
    for (const reply of replies) {
      await agentWith(async () => reply).generateReply();
      assert.match(agentOutputs(await lastTrace())[0]!, /-> some\/yes$/, JSON.stringify(reply));
    }
  });
});
