/** How kinds of objects and meanings of methods are found: by export names, shapes and the words of other ports. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, stats } from "mlflow-ag2";
import { newLog, ScriptedOpenAI } from "../third_party/script.js";
import { lastTrace, outline, spansNamed } from "../third_party/traces.js";

interface Message {
  role: string;
  content: string;
}

const HELLO = [{ role: "user", content: "hello" }];

before(() => setTrackingUri("memory:"));
after(() => {
  autolog({ disable: true });
  assert.equal(stats().hookFailures, 0);
  assert.equal(stats().open, 0);
});

describe("a class whose name a bundler has shortened", () => {
  // The names of classes as bundlers leave them.
  class t {
    readonly name: string = "bob";
    async call({ messages }: { messages: readonly Message[] }): Promise<Message> {
      return { role: "assistant", content: `${messages.length} read` };
    }
  }
  class n extends t {
    override readonly name: string = "ann";
  }
  class r {
    readonly members: readonly t[];
    constructor(members: readonly t[]) {
      this.members = members;
    }
    async run(task: string): Promise<readonly Message[]> {
      const messages: Message[] = [{ role: "user", content: task }];
      for (const member of this.members) messages.push(await member.call({ messages }));
      return messages;
    }
  }

  test("is an agent by the name under which it is exported, as are classes that inherit from it", async () => {
    autolog({ library: { TalkAgent: t } });
    for (const Agent of [t, n]) {
      await new Agent().call({ messages: HELLO });
      assert.deepEqual(outline(await lastTrace()), [`AGENT ${new Agent().name}`]);
    }
  });

  test("is a model client by the name under which it is exported", async () => {
    class p {
      readonly client = new ScriptedOpenAI(["hi"], newLog());
      async complete(messages: readonly unknown[]): Promise<string> {
        return (await this.client.chat.completions.create({ model: "m", messages })).choices[0]!.message.content!;
      }
    }
    class b {
      readonly name = "bob";
      async generateReply(messages: readonly unknown[]): Promise<string> {
        return new p().complete(messages);
      }
    }
    autolog({ library: { HelperAgent: b, ModelProvider: p } });
    await new b().generateReply(HELLO);
    assert.equal(outline(await lastTrace())[1], "  LLM chat_completion");
  });

  test("is an agent where a group has it as a member, whatever is exported", async () => {
    class q {
      readonly name = "quiet";
      async call({ messages }: { messages: readonly Message[] }): Promise<Message> {
        return { role: "assistant", content: `${messages.length}` };
      }
    }
    autolog({ library: { Team: r } });
    await new r([new q()]).run("go");
    assert.deepEqual(outline(await lastTrace()), ["CHAIN initiate_chat", "  AGENT quiet"]);
  });
});

describe("the words of other ports", () => {
  test("a group that is called with messages has a chat, with its selections and turns", async () => {
    class ChatModel {
      async getChatCompletion(_: object): Promise<Message> {
        return { role: "assistant", content: "bob" };
      }
    }
    class TalkAgent {
      readonly name: string;
      readonly llm: ChatModel;
      constructor(name: string, llm: ChatModel) {
        this.name = name;
        this.llm = llm;
      }
      async callAsync({ messages }: { messages: readonly Message[] }): Promise<object> {
        return { ...(await this.llm.getChatCompletion({ messages })), from: this.name };
      }
    }
    class GroupChat {
      readonly llm: ChatModel;
      readonly agents: readonly TalkAgent[];
      constructor(llm: ChatModel, agents: readonly TalkAgent[]) {
        this.llm = llm;
        this.agents = agents;
      }
      async selectNextSpeakerAsync(messages: readonly object[]): Promise<TalkAgent> {
        const { content } = await this.llm.getChatCompletion({ messages });
        return this.agents.find(({ name }) => name === content)!;
      }
      async callAsync(messages: object[], rounds: number): Promise<object[]> {
        for (let round = 0; round < rounds; round += 1)
          messages.push(await (await this.selectNextSpeakerAsync(messages)).callAsync({ messages: HELLO }));
        return messages;
      }
    }
    autolog({ library: { TalkAgent, GroupChat, ChatModel } });
    const llm = new ChatModel();
    await new GroupChat(llm, [new TalkAgent("alice", llm), new TalkAgent("bob", llm)]).callAsync([...HELLO], 1);
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), [
      "CHAIN initiate_chat",
      "  CHAIN select_speaker",
      "    LLM chat_completion",
      "  AGENT bob",
      "    LLM chat_completion",
    ]);
    const [selection] = spansNamed(trace, "select_speaker");
    assert.deepEqual((selection!.inputs as { candidates: unknown }).candidates, ["alice", "bob"]);
  });

  test("tools in a map have the names of the definitions that are its keys", async () => {
    class TalkAgent {
      readonly name = "bob";
      readonly function_map = new Map([
        [{ name: "count_letters" }, async (text: string) => text.length],
        [{ function: { name: "nested" } }, async (text: string) => text],
      ] as [object, (text: string) => Promise<unknown>][]);
      async generateReply(_: readonly Message[]): Promise<string> {
        const results = await Promise.all([...this.function_map.values()].map((run) => run('{"a":1}')));
        return results.join(" ");
      }
    }
    autolog({ library: { TalkAgent } });
    assert.equal(await new TalkAgent().generateReply(HELLO), '7 {"a":1}');
    assert.deepEqual(outline(await lastTrace()), ["AGENT bob", "  TOOL count_letters", "  TOOL nested"]);
  });

  test("an agent's reply is made by the method for texts, and by its voice only if it has no other", async () => {
    class Agent {
      readonly name: string = "both";
      async generate(_: unknown): Promise<object> {
        return { text: "hi" };
      }
      async speak(_: string): Promise<Uint8Array> {
        return new Uint8Array(0);
      }
    }
    class VoiceAgent {
      readonly name = "voice";
      async speak(text: string): Promise<string> {
        return `"${text}"`;
      }
    }
    autolog({ library: { Agent, VoiceAgent } });
    const { traces } = stats();
    await new Agent().speak("hello");
    assert.equal(stats().traces, traces);
    await new Agent().generate(HELLO);
    assert.deepEqual(outline(await lastTrace()), ["AGENT both"]);
    await new VoiceAgent().speak("hello");
    assert.deepEqual(outline(await lastTrace()), ["AGENT voice"]);
  });

  test("continuing, retrying and interrupting are turns of an agent, and chats of a group", async () => {
    class Agent {
      readonly name = "turner";
      async prompt(text: string): Promise<string> {
        return text;
      }
      async continue(): Promise<string> {
        return "continued";
      }
      async retry(): Promise<string> {
        return "retried";
      }
      async interrupt(text: string): Promise<string> {
        return text;
      }
    }
    class Crew {
      readonly agents = [new Agent()];
      async continue(feedback: string): Promise<string> {
        return this.agents[0]!.prompt(feedback);
      }
    }
    autolog({ library: { Agent, Crew } });
    const agent = new Agent();
    for (const turn of [agent.prompt("a"), agent.continue(), agent.retry(), agent.interrupt("b")]) {
      await turn;
      assert.deepEqual(outline(await lastTrace()), ["AGENT turner"]);
    }
    await new Crew().continue("go on");
    assert.deepEqual(outline(await lastTrace()), ["CHAIN initiate_chat", "  AGENT turner"]);
  });

  test("methods that only register are no operations, and what they register is traced", async () => {
    class Agent {
      readonly name = "registrar";
      readonly #listeners: ((text: string) => void)[] = [];
      readonly #tools: { name: string; execute(args: object): unknown }[] = [];
      onMessage(listener: (text: string) => void): this {
        this.#listeners.push(listener);
        return this;
      }
      useTool(tool: { name: string; execute(args: object): unknown }): this {
        this.#tools.push(tool);
        return this;
      }
      async reply(text: string): Promise<string> {
        for (const listener of this.#listeners) listener(text);
        return `${text} ${String(this.#tools.length)}`;
      }
    }
    autolog({ library: { Agent } });
    const { started } = stats();
    const heard: string[] = [];
    const agent = new Agent().onMessage((text) => heard.push(text)).useTool({ name: "clock", execute: () => "noon" });
    assert.equal(stats().started, started);
    assert.equal(await agent.reply("hello"), "hello 1");
    assert.deepEqual(heard, ["hello"]);
    assert.deepEqual(outline(await lastTrace()), ["AGENT registrar"]);
  });

  test("an agent without a name has that of its class, and its function for streams and its tools are traced", async () => {
    interface Tool {
      name: string;
      execute(id: string, args: object, signal?: AbortSignal): unknown;
    }
    interface Model {
      id: string;
    }
    class Agent {
      readonly #tools: Tool[];
      readonly state: { readonly tools: readonly Tool[] };
      readonly streamFn = async (_: Model, context: { messages: readonly Message[] }): Promise<Message> => ({
        role: "assistant",
        content: `${context.messages.length}`,
      });
      constructor(tools: readonly Tool[]) {
        this.#tools = [...tools];
        const get = (): readonly Tool[] => this.#tools;
        this.state = {
          get tools() {
            return get();
          },
        };
      }
      async prompt(content: string): Promise<void> {
        const { streamFn } = this;
        await streamFn({ id: "m-1" }, { messages: [{ role: "user", content }] });
        for (const tool of this.#tools) tool.execute("call-1", { content }, new AbortController().signal);
      }
    }
    autolog({ library: { Agent } });
    await new Agent([{ name: "clock", execute: () => "noon" }]).prompt("hello");
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), ["AGENT Agent", "  LLM chat_completion", "  TOOL clock"]);
    assert.equal((spansNamed(trace, "chat_completion")[0]!.inputs as { model: string }).model, "m-1");
    const [clock] = spansNamed(trace, "clock");
    assert.deepEqual([clock!.inputs, clock!.getAttribute("gen_ai.tool.call.id")], [{ content: "hello" }, "call-1"]);
  });
});
