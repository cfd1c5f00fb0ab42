/** The selection of speakers: the four methods, functions, and the rules for candidates. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AgentEligibilityPolicy,
  type ConversableAgent,
  GroupChat,
  GroupChatManager,
  type SpeakerSelectionMethod,
} from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import {
  modelSelectedGroup,
  managedGroup,
  speakers,
  introducingAgent,
  threeAgents,
  warnings,
} from "./group_fixtures.js";

setPrinter(() => {});

test("methods are accepted in upper case too, and an unknown one is rejected at the selection", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents, {
    speakerSelectionMethod: "RounD_roBin" as SpeakerSelectionMethod,
    maxRound: 3,
  });
  await agents[0].initiateChat(manager, { message: "Hello." });
  assert.deepEqual(speakers(groupChat), ["alice", "bob", "sam"]);

  groupChat.speakerSelectionMethod = () => "wrong" as "auto";
  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), { code: "invalid_option" });
});

test("two members take turns with every method if none may repeat", async () => {
  for (const speakerSelectionMethod of ["auto", "round_robin", "random", "manual"] as const) {
    const [alice, bob] = threeAgents();
    const { groupChat, manager } = managedGroup([alice, bob], {
      speakerSelectionMethod,
      allowRepeatSpeaker: false,
      maxRound: 4,
    });
    await alice.initiateChat(manager, { message: "Hello." });
    assert.deepEqual(speakers(groupChat), ["alice", "bob", "alice", "bob"]);
  }
});

test("a group of one or none is rejected, one of two that may repeat causes one warning", async () => {
  const alice = introducingAgent("alice");
  for (const agents of [[], [alice]]) {
    await assert.rejects(alice.initiateChat(managedGroup(agents).manager, { message: "Hello." }), {
      code: "invalid_option",
      message: /underpopulated/,
    });
  }

  const { groupChat, manager } = managedGroup([alice, introducingAgent("bob")], {
    speakerSelectionMethod: "random",
    maxRound: 2,
  });
  let twice: Promise<unknown> = Promise.resolve();
  const warned = warnings(() => {
    twice = groupChat.selectSpeaker(alice, manager).then(() => groupChat.selectSpeaker(alice, manager));
  });
  await twice;
  assert.equal(warned.length, 1);
  assert.match(String(warned[0]), /a group chat of 2 agents is underpopulated/);
});

test("random selects any member", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents, { speakerSelectionMethod: "random" });
  const picked = new Set<ConversableAgent>();
  for (let times = 0; times < 200; times++) picked.add(await groupChat.selectSpeaker(agents[0], manager));

  assert.equal(picked.size, 3);
});

/** The agent that a model's response selects; "none" if the model is asked again. */
async function chosenBy(answer: string, agents: ConversableAgent[]): Promise<string> {
  const { groupChat, manager } = modelSelectedGroup(agents, [answer, "no one at all"], {
    messages: [{ role: "user", content: "Hello." }],
    maxRetriesForSelectingSpeaker: 1,
  });
  let again = false;
  groupChat.selectSpeakerTransformMessages = (messages) => {
    again = messages.length > 2;
    return messages;
  };
  const { name } = await groupChat.selectSpeaker(agents[0] as ConversableAgent, manager);
  return again ? "none" : name;
}

test("a name counts as a separate word, with any characters around it, once or several times", async () => {
  const agents = [...threeAgents(), introducingAgent(".*"), introducingAgent("Jürgen")];
  for (const [answer, name] of [
    ["bob", "bob"],
    ["alice alice", "alice"],
    ["sam samantha basam asami", "sam"],
    ["bob! .bob. .bob", "bob"],
    ["I choose .* now", ".*"],
    ["(Jürgen)", "Jürgen"],
    ["éalice", "none"],
    ["aliceé", "none"],
    ["alice bob", "none"],
    ["Alice", "none"],
    ["robert", "none"],
    ["", "none"],
  ] as const) {
    assert.equal(await chosenBy(answer, agents), name, answer);
  }
});

test("a name with underscores may have spaces or escapes instead, but not another case", async () => {
  const agents = ["User_proxy", "Story_writer", "Product_manager"].map(introducingAgent);
  for (const [answer, name] of [
    ["Story_writer", "Story_writer"],
    ["' Story_writer.\n\nHere are three story ideas", "Story_writer"],
    ["Story\\_writer", "Story_writer"],
    ["Story writer", "Story_writer"],
    ["Story_Writer", "none"],
    ["Story Writer will follow the product\\_manager.", "none"],
    ["NoName_Person", "none"],
    ["Story writer will follow the Product\\_manager.", "none"],
  ] as const) {
    assert.equal(await chosenBy(answer, agents), name, answer);
  }
});

test("selection by a model without a model is an error that says where to configure it", async () => {
  const agents = threeAgents();
  const { manager } = managedGroup(agents, { speakerSelectionMethod: "auto" });

  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), {
    code: "missing_llm_config",
    message: /selectSpeakerAutoLlmConfig/,
  });
});

test("the messages for the selecting model can be shortened", async () => {
  const agents = threeAgents();
  const { manager, model, groupChat } = modelSelectedGroup(agents, ["bob", "sam"], {
    maxRound: 3,
    allowRepeatSpeaker: false,
  });
  groupChat.selectSpeakerTransformMessages = async (messages) => messages.slice(-2);

  await agents[0].initiateChat(manager, { message: "Hello." });

  const asked = model.requests.map(({ messages }) => messages.map(({ name, role }) => name ?? role));
  assert.deepEqual(asked, [
    ["system", "alice", "checking_agent"],
    ["system", "bob", "checking_agent"],
  ]);
});

test("the selecting model's conversation is not part of the group chat", async () => {
  const agents = threeAgents();
  const { manager, groupChat } = modelSelectedGroup(agents, ["no idea", "bob"], {
    maxRound: 2,
    speakerSelectionMethod: () => "manual",
  });
  groupChat.manualSelectSpeaker = async () => undefined;

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "bob"]);
  assert.deepEqual([...manager.chatMessages.keys()].map(({ name }) => name).sort(), ["alice", "bob", "sam"]);
});

test("an error of the selecting model ends the chat", async () => {
  const agents = threeAgents();
  const { manager } = modelSelectedGroup(agents, [{ status: 400, error: { message: "Too long." } }]);

  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), { name: "BadRequestError" });
});

test("a verbose selection prints each attempt", async () => {
  const printed: string[] = [];
  const agents = threeAgents();
  const { manager } = modelSelectedGroup(agents, ["?", "bob or sam", "bob"], {
    maxRound: 2,
    selectSpeakerAutoVerbose: true,
  });
  const undo = setPrinter((text) => printed.push(text));
  await agents[0].initiateChat(manager, { message: "Hello.", silent: true });
  undo();

  assert.deepEqual(
    printed.filter((text) => text.includes("attempt")),
    [
      ">>>>>>>> Select speaker attempt #1 failed as it did not include any agent names.",
      ">>>>>>>> Select speaker attempt 2 of 3 failed as it included multiple agent names.",
      ">>>>>>>> Select speaker attempt 3 of 3 successfully selected: bob",
    ],
  );
});

test("an agent that a function returns overrides transitions, repetition and policies", async () => {
  const agents = threeAgents();
  const [alice, bob, sam] = agents;
  const order = new Map([
    [alice, sam],
    [sam, bob],
    [bob, bob],
  ]);
  const excludeAll: AgentEligibilityPolicy = { isEligible: () => false };
  const { groupChat, manager } = managedGroup(agents, {
    maxRound: 4,
    allowedOrDisallowedSpeakerTransitions: [[alice, [bob, sam]]],
    speakerTransitionsType: "allowed",
    speakerSelectionMethod: async (last) => order.get(last as ConversableAgent),
    eligibilityPolicies: [excludeAll],
  });

  await alice.initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "sam", "bob", "bob"]);
});

test("a function that returns nothing ends the chat, one that returns a non-member fails it", async () => {
  const agents = threeAgents();
  for (const nothing of [null, undefined]) {
    const { groupChat, manager } = managedGroup(agents, { speakerSelectionMethod: () => nothing });
    const { summary } = await agents[0].initiateChat(manager, { message: "Hello." });
    assert.equal(summary, "Hello.");
    assert.deepEqual(speakers(groupChat), ["alice"]);
  }
  const { manager } = managedGroup(agents, { speakerSelectionMethod: () => introducingAgent("eve") });
  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello." }), {
    code: "invalid_option",
    message: /`eve`, which is not in the group chat/,
  });
  const { manager: odd } = managedGroup(agents, { speakerSelectionMethod: () => 7 as never });
  await assert.rejects(agents[0].initiateChat(odd, { message: "Hello." }), {
    code: "invalid_option",
    message: /returned `number`/,
  });
});

test("policies exclude members while the chat runs, and end it if they exclude all", async () => {
  const agents = threeAgents();
  const seen: unknown[] = [];
  const notBob: AgentEligibilityPolicy = { isEligible: ({ name }, context) => (seen.push(context), name !== "bob") };
  const atMostTwo: AgentEligibilityPolicy = { isEligible: async (_, { round }) => round <= 2 };
  const { groupChat, manager } = managedGroup(agents, { eligibilityPolicies: [notBob, atMostTwo] });

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "sam", "alice"]);
  assert.deepEqual(seen[0], { round: 1, lastSpeaker: "alice", participants: ["alice", "bob", "sam"] });
});

test("a tool call ends the chat if the transitions allow no member that can run it", async () => {
  const agents = threeAgents();
  const [alice, bob, sam] = agents;
  sam.registerFunction({ look: () => "seen" });
  const { groupChat, manager } = managedGroup(agents, {
    allowedOrDisallowedSpeakerTransitions: [
      [alice, [bob]],
      [bob, [sam]],
      [sam, [alice]],
    ],
    speakerTransitionsType: "allowed",
  });

  await alice.initiateChat(manager, {
    message: {
      content: "Look.",
      tool_calls: [{ id: "1", type: "function", function: { name: "look", arguments: "{}" } }],
    },
  });

  assert.deepEqual(speakers(groupChat), ["alice"]);
});

test("an override of selectSpeaker selects the speaker", async () => {
  class Backwards extends GroupChat {
    override async selectSpeaker(last: ConversableAgent): Promise<ConversableAgent> {
      return this.agents.at(this.agents.indexOf(last) - 1) as ConversableAgent;
    }
  }
  const agents = threeAgents();
  const groupChat = new Backwards({ agents, maxRound: 4 });

  await agents[0].initiateChat(new GroupChatManager({ groupChat, silent: true }), { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "sam", "bob", "alice"]);
});

test("a model of a custom client selects for this group only", async () => {
  const own = new ScriptedModel([{ content: "sam" }]);
  const agents = threeAgents();
  const { groupChat, manager, model } = modelSelectedGroup(agents, [], {
    maxRound: 2,
    selectSpeakerAutoLlmConfig: { configList: [{ model: "own", client: own }] },
  });

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual([speakers(groupChat), own.requests[0]?.model, model.requests.length], [["alice", "sam"], "own", 0]);
});

test("the person behind the manager selects manually, and the input is no human input of the chat", async () => {
  const [alice, bob] = threeAgents();
  const prompts: string[] = [];
  const { manager } = managedGroup(
    [alice, bob],
    { speakerSelectionMethod: "manual", maxRound: 2 },
    { getHumanInput: (prompt) => (prompts.push(prompt), " 2 ") },
  );

  const { humanInput } = await alice.initiateChat(manager, { message: "Hello." });

  assert.deepEqual(prompts, ["Enter the number of the next speaker (enter nothing or `q` to use auto selection): "]);
  assert.deepEqual(humanInput, []);
});

test("concurrent group chats are independent, also in the selection of speakers", async () => {
  const chat = async (name: string): Promise<unknown[]> => {
    const { agent: poet } = agentWithScript(`poet_${name}`, [{ content: `Verse of ${name}.`, delay_ms: 2 }]);
    const user = plainAgent(`user_${name}`);
    const { groupChat, manager } = modelSelectedGroup(
      [user, poet, introducingAgent(`sam_${name}`)],
      [{ content: `poet_${name}`, delay_ms: 3 }],
      { maxRound: 2 },
    );
    await user.initiateChat(manager, { message: `For ${name}.` });
    return groupChat.messages.map(({ content }) => content);
  };

  const contents = await Promise.all(["a", "b", "c"].map(chat));

  assert.deepEqual(
    contents,
    ["a", "b", "c"].map((name) => [`For ${name}.`, `Verse of ${name}.`]),
  );
});
