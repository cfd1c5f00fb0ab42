/**
 * One program for every miniature library. A program returns everything that it can observe: results,
 * errors, and the order in which things happened.
 */

import * as classic from "./classic.js";
import * as closures from "./closures.js";
import * as direct from "./direct.js";
import * as emitter from "./emitter.js";
import { type Log, newLog, ScriptedOpenAI } from "./script.js";
import * as snake from "./snake-case.js";
import * as streaming from "./streaming.js";

/** What a program saw. */
export interface Seen {
  result: unknown;
  log: Log;
}

const add = ({ a, b }: { a: number; b: number }): number => a + b;
const fail = (): never => {
  throw new RangeError("out of range");
};

/** Two agents of the style of AutoGen 0.2; the second one calls a model, which calls two tools. */
export async function classicChat(): Promise<Seen> {
  const log = newLog();
  const client = new ScriptedOpenAI(
    [
      {
        calls: [
          { name: "add", args: { a: 2, b: 3 } },
          { name: "fail", args: {} },
        ],
      },
      " It is 5. ",
      "You are welcome.",
    ],
    log,
  );
  const user = new classic.UserProxyAgent({ name: "user", log });
  user.answers.push("Thank you.");
  const assistant = new classic.AssistantAgent({ name: "assistant", log, client }).registerFunction({
    add: add as never,
    fail,
  });
  return { result: await user.initiateChat(assistant, { message: "What is 2 + 3?" }), log };
}

/** As before, with a model that fails. */
export async function classicFailure(): Promise<Seen> {
  const log = newLog();
  const error = new TypeError("the model is ill");
  const user = new classic.ConversableAgent({ name: "user", log });
  const assistant = new classic.AssistantAgent({ name: "assistant", log, client: new ScriptedOpenAI([error], log) });
  const thrown: unknown = await user
    .initiateChat(assistant, { message: "How are you?" })
    .catch((caught: unknown) => caught);
  return { result: { isSame: thrown === error, message: (thrown as Error).message }, log };
}

/** Two chats of the same two agents at once. */
export async function classicTogether(): Promise<Seen> {
  const log = newLog();
  const chat = (name: string): Promise<unknown> => {
    const user = new classic.ConversableAgent({ name: `user ${name}`, log });
    const assistant = new classic.AssistantAgent({
      name: `assistant ${name}`,
      log,
      client: new ScriptedOpenAI([`${name} one`, `${name} two`], log),
    });
    return user.initiateChat(assistant, { message: `hello ${name}` });
  };
  return { result: await Promise.all([chat("a"), chat("b"), chat("c")]), log };
}

/** A chat without `receive`: the sender gets the reply. */
export async function directChat(): Promise<Seen> {
  const log = newLog();
  const client = new ScriptedOpenAI(["A joke.", { calls: [{ name: "add", args: { a: 1, b: 1 } }] }, "TERMINATE"], log);
  const provider = new direct.OpenAIProvider(client, "m-2");
  const alice = new direct.AssistantAgent("alice", provider, log);
  const bob = new direct.AssistantAgent("bob", provider, log);
  bob.registerFunction({ contract: { name: "add", description: "adds" }, executor: (a, b) => Number(a) + Number(b) });
  return { result: await alice.initiateChat(bob, "Tell me a joke.", 4), log };
}

/** A group chat that is a loop. */
export async function directGroup(): Promise<Seen> {
  const log = newLog();
  const client = new ScriptedOpenAI(["one", "two", "three"], log);
  const provider = new direct.OpenAIProvider(client, "m-2");
  const agents = ["alice", "bob"].map((name) => new direct.AssistantAgent(name, provider, log));
  return { result: await new direct.GroupChat(agents, 3).run("Count."), log };
}

/** A channel of agents in one object, one of which has a function called and one of which fails. */
export async function emitterChat(): Promise<Seen> {
  const log = newLog();
  const lines = ["🦊", { name: "add", arguments: { a: 20, b: 1 } }, "It is 21.", "🐻", new Error("no more tokens")];
  const provider: emitter.Provider = {
    async complete(messages) {
      log.push(`asked ${messages.length}`);
      await Promise.resolve();
      const line = lines.shift();
      if (line instanceof Error) throw line;
      return typeof line === "string" ? { result: line, cost: 0.5 } : { result: null, functionCall: line!, cost: 0.25 };
    },
  };
  const chats = new emitter.AIbitat({ provider })
    .agent("👤")
    .agent("🦊", { functions: ["add"] })
    .agent("🐻")
    .channel("group", ["🦊", "🐻"])
    .function({
      name: "add",
      description: "adds",
      handler: async ({ a, b }: { a: number; b: number }) => String(a + b),
    });
  chats
    .onMessage(({ from, to, content }) => log.push(`${from} > ${to}: ${content}`))
    .onError((error) => log.push(`error ${(error as Error).message}`));
  await chats.start({ from: "👤", to: "group", content: "What is 20 + 1?" });
  return { result: chats.chats, log };
}

/** A group chat with a manager that broadcasts, in Python's spelling. */
export async function snakeGroup(): Promise<Seen> {
  const log = newLog();
  const script = new ScriptedOpenAI(
    ["writer", "A draft.", "critic", { calls: [{ name: "grade", args: { text: "A draft." } }] }, "Good."],
    log,
  );
  const llm = new snake.OpenAIWrapper("m-3", (request) => script.answer(request));
  const user = new snake.ConversableAgent({ name: "user", log, max_consecutive_auto_reply: 0 });
  const writer = new snake.ConversableAgent({ name: "writer", log, llm });
  const critic = new snake.ConversableAgent({ name: "critic", log, llm });
  critic.register_function({ grade: ({ text }: { text: string }) => text.length });
  const manager = new snake.GroupChatManager({ groupchat: new snake.GroupChat([user, writer, critic], 3), llm, log });
  return { result: await user.a_initiate_chat(manager, { message: "Write!" }), log };
}

/** Agents without classes, in one conversation: a plain one, a frozen one and one behind a proxy. */
export async function closureGroup(
  wrap: <Agent extends object>(agent: Agent) => Agent = (agent) => agent,
): Promise<Seen> {
  const log = newLog();
  const lines = ['!double {"x":4}', "Well done.", "!none {}"];
  const model: closures.Model = async (messages) => {
    log.push(`model ${messages.length}`);
    return lines.shift()!;
  };
  const plain = wrap(
    closures.createAgent({ name: "plain", log, model, tools: { double: ({ x }: { x: number }) => 2 * x } }),
  );
  const frozen = wrap(closures.createAgent({ name: "frozen", log, model, isFrozen: true }));
  const hidden = wrap(closures.createAgent({ name: "hidden", log, model, isHidden: true }));
  const group = wrap(closures.createGroupChat([plain, frozen, hidden], 3));
  const result: unknown = await group.run("Double 4.").catch((error: unknown) => String(error));
  return { result: { result, history: group.history }, log };
}

/** A team of frozen agents, one of which streams, run by a method that a getter gives. */
export async function streamingTeam(): Promise<Seen> {
  const log = newLog();
  const primary = new streaming.AssistantAgent(
    "primary",
    new streaming.ReplayChatCompletionClient(["A poem.", "Better now."]),
    log,
  );
  const critic = new streaming.AssistantAgent(
    "critic",
    new streaming.ReplayChatCompletionClient(["Too short by far."]),
    log,
    true,
  );
  const team = new streaming.RoundRobinGroupChat([primary, critic], 3);
  return { result: await team.run("Write a poem."), log };
}

/** The same team, whose stream is taken one by one and left early. */
export async function streamingLeftEarly(): Promise<Seen> {
  const log = newLog();
  const primary = new streaming.AssistantAgent(
    "primary",
    new streaming.ReplayChatCompletionClient(["one", "two"]),
    log,
  );
  const team = new streaming.RoundRobinGroupChat([primary], 2);
  const taken: unknown[] = [];
  for await (const item of team.runStream("Count.")) {
    taken.push(item);
    break;
  }
  return { result: taken, log };
}

/** All libraries, to be hooked. */
export const libraries: object[] = [classic, direct, emitter, snake, streaming];

/** All programs that need nothing wrapped by hand, by name. */
export const programs: Readonly<Record<string, () => Promise<Seen>>> = {
  classicChat,
  classicFailure,
  classicTogether,
  directChat,
  directGroup,
  emitterChat,
  snakeGroup,
  streamingTeam,
  streamingLeftEarly,
};
