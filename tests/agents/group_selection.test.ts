/** Who speaks next: the four methods, functions, and what narrows the choice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentEligibilityPolicy, type ConversableAgent, GroupChat, GroupChatManager, type SpeakerSelectionMethod } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentSaying, plainAgent } from "./cast.js";
import { chosen, managed, speakers, talker, trio, warnings } from "./group_cast.js";

setPrinter(() => {});

test("methods are understood in upper case, too, and a wrong one is refused when it comes to the choice", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents, { speakerSelectionMethod: "RounD_roBin" as SpeakerSelectionMethod, maxRound: 3 });
  await agents[0].initiateChat(manager, { message: "Hello." });
  assert.deepEqual(speakers(groupChat), ["alice", "bob", "sam"]);

  groupChat.speakerSelectionMethod = () => "wrong" as "auto";
  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), { code: "invalid_option" });
});

test("two members take turns with every method when nobody may repeat", async () => {
  for (const speakerSelectionMethod of ["auto", "round_robin", "random", "manual"] as const) {
    const [alice, bob] = trio();
    const { groupChat, manager } = managed([alice, bob], { speakerSelectionMethod, allowRepeatSpeaker: false, maxRound: 4 });
    await alice.initiateChat(manager, { message: "Hello." });
    assert.deepEqual(speakers(groupChat), ["alice", "bob", "alice", "bob"]);
  }
});

test("a group of one or none is refused, one of two that may repeat is warned of once", async () => {
  const alice = talker("alice");
  for (const agents of [[], [alice]]) {
    await assert.rejects(alice.initiateChat(managed(agents).manager, { message: "Hello." }), { code: "invalid_option", message: /underpopulated/ });
  }

  const { groupChat, manager } = managed([alice, talker("bob")], { speakerSelectionMethod: "random", maxRound: 2 });
  let twice: Promise<unknown> = Promise.resolve();
  const warned = warnings(() => {
    twice = groupChat.selectSpeaker(alice, manager).then(() => groupChat.selectSpeaker(alice, manager));
  });
  await twice;
  assert.equal(warned.length, 1);
  assert.match(String(warned[0]), /a group chat of 2 agents is underpopulated/);
});

test("random picks some member, and reaches every one", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents, { speakerSelectionMethod: "random" });
  const picked = new Set<ConversableAgent>();
  for (let times = 0; times < 200; times++) picked.add(await groupChat.selectSpeaker(agents[0], manager));

  assert.equal(picked.size, 3);
});

/** Whom a model's answer chooses, "nobody" if it is asked again. */
async function chosenBy(answer: string, agents: ConversableAgent[]): Promise<string> {
  const { groupChat, manager } = chosen(agents, [answer, "nobody at all"], { messages: [{ role: "user", content: "Hello." }], maxRetriesForSelectingSpeaker: 1 });
  let again = false;
  groupChat.selectSpeakerTransformMessages = (messages) => {
    again = messages.length > 2;
    return messages;
  };
  const { name } = await groupChat.selectSpeaker(agents[0] as ConversableAgent, manager);
  return again ? "nobody" : name;
}

test("a name counts as a word of its own, whatever is around it, and how often does not matter", async () => {
  const agents = [...trio(), talker(".*"), talker("Jürgen")];
  for (const [answer, name] of [
    ["bob", "bob"], ["alice alice", "alice"], ["sam samantha basam asami", "sam"], ["bob! .bob. .bob", "bob"], ["I choose .* now", ".*"],
    ["(Jürgen)", "Jürgen"], ["éalice", "nobody"], ["aliceé", "nobody"], ["alice bob", "nobody"], ["Alice", "nobody"], ["robert", "nobody"], ["", "nobody"],
  ] as const) {
    assert.equal(await chosenBy(answer, agents), name, answer);
  }
});

test("a name with underscores may come with spaces or escaped, but not in another case", async () => {
  const agents = ["User_proxy", "Story_writer", "Product_manager"].map(talker);
  for (const [answer, name] of [
    ["Story_writer", "Story_writer"], ["' Story_writer.\n\nHere are three story ideas", "Story_writer"], ["Story\\_writer", "Story_writer"],
    ["Story writer", "Story_writer"], ["Story_Writer", "nobody"], ["Story Writer will follow the product\\_manager.", "nobody"], ["NoName_Person", "nobody"],
    ["Story writer will follow the Product\\_manager.", "nobody"],
  ] as const) {
    assert.equal(await chosenBy(answer, agents), name, answer);
  }
});

test("without a model nobody can be chosen by one, and the error says where to put it", async () => {
  const agents = trio();
  const { manager } = managed(agents, { speakerSelectionMethod: "auto" });

  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), { code: "missing_llm_config", message: /selectSpeakerAutoLlmConfig/ });
});

test("the messages for the selecting model can be shortened", async () => {
  const agents = trio();
  const { manager, model, groupChat } = chosen(agents, ["bob", "sam"], { maxRound: 3, allowRepeatSpeaker: false });
  groupChat.selectSpeakerTransformMessages = async (messages) => messages.slice(-2);

  await agents[0].initiateChat(manager, { message: "Hello." });

  const asked = model.requests.map(({ messages }) => messages.map(({ name, role }) => name ?? role));
  assert.deepEqual(asked, [["system", "alice", "checking_agent"], ["system", "bob", "checking_agent"]]);
});

test("the selecting model's conversation leaves no trace in the group chat", async () => {
  const agents = trio();
  const { manager, groupChat } = chosen(agents, ["no idea", "bob"], { maxRound: 2, speakerSelectionMethod: () => "manual" });
  groupChat.manualSelectSpeaker = async () => undefined;

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "bob"]);
  assert.deepEqual([...manager.chatMessages.keys()].map(({ name }) => name).sort(), ["alice", "bob", "sam"]);
});

test("an error of the selecting model ends the chat", async () => {
  const agents = trio();
  const { manager } = chosen(agents, [{ status: 400, error: { message: "Too long." } }]);

  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), { name: "BadRequestError" });
});

test("a verbose choice prints each attempt", async () => {
  const printed: string[] = [];
  const agents = trio();
  const { manager } = chosen(agents, ["?", "bob or sam", "bob"], { maxRound: 2, selectSpeakerAutoVerbose: true });
  const undo = setPrinter((text) => printed.push(text));
  await agents[0].initiateChat(manager, { message: "Hello.", silent: true });
  undo();

  assert.deepEqual(printed.filter((text) => text.includes("attempt")), [
    ">>>>>>>> Select speaker attempt #1 failed as it did not include any agent names.",
    ">>>>>>>> Select speaker attempt 2 of 3 failed as it included multiple agent names.",
    ">>>>>>>> Select speaker attempt 3 of 3 successfully selected: bob",
  ]);
});

test("a function's choice goes before transitions, repetition and policies", async () => {
  const agents = trio();
  const [alice, bob, sam] = agents;
  const order = new Map([[alice, sam], [sam, bob], [bob, bob]]);
  const nobody: AgentEligibilityPolicy = { isEligible: () => false };
  const { groupChat, manager } = managed(agents, {
    maxRound: 4,
    allowedOrDisallowedSpeakerTransitions: [[alice, [bob, sam]]],
    speakerTransitionsType: "allowed",
    speakerSelectionMethod: async (last) => order.get(last as ConversableAgent),
    eligibilityPolicies: [nobody],
  });

  await alice.initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "sam", "bob", "bob"]);
});

test("a function that returns nothing ends the chat, one that returns a stranger or anything else fails it", async () => {
  const agents = trio();
  for (const nothing of [null, undefined]) {
    const { groupChat, manager } = managed(agents, { speakerSelectionMethod: () => nothing });
    const { summary } = await agents[0].initiateChat(manager, { message: "Hello." });
    assert.equal(summary, "Hello.");
    assert.deepEqual(speakers(groupChat), ["alice"]);
  }
  const { manager } = managed(agents, { speakerSelectionMethod: () => talker("eve") });
  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), { code: "invalid_option", message: /`eve`, which is not in the group chat/ });
  const { manager: odd } = managed(agents, { speakerSelectionMethod: () => 7 as never });
  await assert.rejects(agents[0].initiateChat(odd, { message: "Hello." }), { code: "invalid_option", message: /returned `number`/ });
});

test("policies take members out of the choice while the chat runs, and end it when they leave nobody", async () => {
  const agents = trio();
  const seen: unknown[] = [];
  const notBob: AgentEligibilityPolicy = { isEligible: ({ name }, context) => (seen.push(context), name !== "bob") };
  const atMostTwo: AgentEligibilityPolicy = { isEligible: async (_, { round }) => round <= 2 };
  const { groupChat, manager } = managed(agents, { eligibilityPolicies: [notBob, atMostTwo] });

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "sam", "alice"]);
  assert.deepEqual(seen[0], { round: 1, lastSpeaker: "alice", participants: ["alice", "bob", "sam"] });
});

test("a call of a tool ends the chat when the transitions leave nobody that can run it", async () => {
  const agents = trio();
  const [alice, bob, sam] = agents;
  sam.registerFunction({ look: () => "seen" });
  const { groupChat, manager } = managed(agents, { allowedOrDisallowedSpeakerTransitions: [[alice, [bob]], [bob, [sam]], [sam, [alice]]], speakerTransitionsType: "allowed" });

  await alice.initiateChat(manager, { message: { content: "Look.", tool_calls: [{ id: "1", type: "function", function: { name: "look", arguments: "{}" } }] } });

  assert.deepEqual(speakers(groupChat), ["alice"]);
});

test("a choice made by an override of selectSpeaker counts", async () => {
  class Backwards extends GroupChat {
    override async selectSpeaker(last: ConversableAgent): Promise<ConversableAgent> {
      return this.agents.at(this.agents.indexOf(last) - 1) as ConversableAgent;
    }
  }
  const agents = trio();
  const groupChat = new Backwards({ agents, maxRound: 4 });

  await agents[0].initiateChat(new GroupChatManager({ groupChat, silent: true }), { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "sam", "bob", "alice"]);
});

test("a model asked through a client of one's own chooses for this group only", async () => {
  const own = new ScriptedModel([{ content: "sam" }]);
  const agents = trio();
  const { groupChat, manager, model } = chosen(agents, [], { maxRound: 2, selectSpeakerAutoLlmConfig: { configList: [{ model: "own", client: own }] } });

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual([speakers(groupChat), own.requests[0]?.model, model.requests.length], [["alice", "sam"], "own", 0]);
});

test("who is asked by hand is the person behind the manager, and what they type is no human input of the chat", async () => {
  const [alice, bob] = trio();
  const prompts: string[] = [];
  const { manager } = managed([alice, bob], { speakerSelectionMethod: "manual", maxRound: 2 }, { getHumanInput: (prompt) => (prompts.push(prompt), " 2 ") });

  const { humanInput } = await alice.initiateChat(manager, { message: "Hello." });

  assert.deepEqual(prompts, ["Enter the number of the next speaker (enter nothing or `q` to use auto selection): "]);
  assert.deepEqual(humanInput, []);
});

test("several group chats at once keep to themselves, also in the choice of speakers", async () => {
  const chat = async (name: string): Promise<unknown[]> => {
    const { agent: poet } = agentSaying(`poet_${name}`, [{ content: `Verse of ${name}.`, delay_ms: 2 }]);
    const user = plainAgent(`user_${name}`);
    const { groupChat, manager } = chosen([user, poet, talker(`sam_${name}`)], [{ content: `poet_${name}`, delay_ms: 3 }], { maxRound: 2 });
    await user.initiateChat(manager, { message: `For ${name}.` });
    return groupChat.messages.map(({ content }) => content);
  };

  const said = await Promise.all(["a", "b", "c"].map(chat));

  assert.deepEqual(said, ["a", "b", "c"].map((name) => [`For ${name}.`, `Verse of ${name}.`]));
});
