/** The behaviour of group chats: the cases of AG2's own tests (test/agentchat/test_groupchat.py), and more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { run } from "mlflow-ag2/agents/run";
import { agentWithScript, toolCallStep, plainAgent } from "./agent_fixtures.js";
import {
  agentWithPendingModel,
  modelSelectedGroup,
  managedGroup,
  speakers,
  introducingAgent,
  threeAgents,
} from "./group_fixtures.js";

setPrinter(() => {});

test("the members speak in the order of the group, and every history has all messages", async () => {
  const agents = threeAgents();
  const [alice, bob, sam] = agents;
  const { groupChat, manager } = managedGroup(agents, { maxRound: 6 });

  await alice.initiateChat(manager, { message: "This is alice." });

  const contents = ["This is alice.", "This is bob.", "This is sam.", "This is alice.", "This is bob.", "This is sam."];
  for (const agent of [alice, bob, sam])
    assert.deepEqual(
      agent.chatMessages.get(manager)?.map(({ content }) => content),
      contents,
    );
  assert.deepEqual(
    groupChat.messages.map(({ content }) => content),
    contents,
  );
  assert.deepEqual(
    alice.chatMessages.get(manager)?.map(({ role }) => role),
    ["assistant", "user", "user", "assistant", "user", "user"],
  );
});

test("a group chat has ten rounds by default, and its manager's limit of replies never ends it", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents);

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.equal(groupChat.messages.length, 10);
  assert.equal(manager.maxConsecutiveAutoReply(), Infinity);
});

test("a message that meets the manager's condition ends the group chat, after all members have it", async () => {
  const [alice, bob] = threeAgents();
  const sam = plainAgent("sam", { defaultAutoReply: "This is sam. TERMINATE" });
  const { groupChat, manager } = managedGroup(
    [alice, bob, sam],
    {},
    { isTerminationMsg: ({ content }) => (content ?? "").includes("TERMINATE") },
  );

  await alice.initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "bob", "sam"]);
  assert.equal(bob.lastMessage(manager)?.content, "This is sam. TERMINATE");
});

test("a new chat clears the history unless clearHistory is false; a reset clears the group's messages", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents, { maxRound: 2 });

  await agents[0].initiateChat(manager, { message: "Hello." });
  await agents[1].initiateChat(manager, { message: "Hello again." });
  assert.deepEqual(speakers(groupChat), ["bob", "sam"]);
  assert.equal(agents[2].chatMessages.get(manager)?.length, 2);

  await agents[0].initiateChat(manager, { message: "Go on.", clearHistory: false });
  assert.deepEqual(speakers(groupChat), ["bob", "sam", "alice", "bob"]);
  assert.equal(agents[2].chatMessages.get(manager)?.length, 4);

  manager.reset();
  assert.deepEqual(groupChat.messages, []);
});

test("any agent manages a group chat with the reply function of GroupChatManager", async () => {
  const agents = threeAgents();
  const groupChat = new GroupChat({ agents, maxRound: 3, speakerSelectionMethod: "round_robin" });
  const deputy = plainAgent("deputy_manager");
  deputy.registerReply(() => true, GroupChatManager.runChat, {
    config: groupChat,
    resetConfig: (config) => (config as GroupChat).reset(),
  });

  await agents[0].initiateChat(deputy, { message: "Hello." });
  assert.deepEqual(speakers(groupChat), ["alice", "bob", "sam"]);

  deputy.reset();
  assert.deepEqual(groupChat.messages, []);
});

test("the manager may start the chat itself, after introductions that are not part of the conversation", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents, { sendIntroductions: true, maxRound: 2 });

  await manager.initiateChat(manager, { message: "The initiating message." });

  assert.deepEqual(speakers(groupChat), ["chat_manager", "alice"]);
  for (const agent of agents) {
    const [intro, ...contents] = agent.chatMessages.get(manager)?.map(({ content }) => content) ?? [];
    assert.equal(intro, groupChat.introductionsMsg());
    assert.deepEqual(contents, ["The initiating message.", "This is alice."]);
  }
});

test("introductions name the given agents with their descriptions", () => {
  const agents = [
    plainAgent("a", { description: "First." }),
    plainAgent("b", { systemMessage: "Second." }),
    plainAgent("c", { description: "" }),
  ];
  const { groupChat } = managedGroup(agents);

  assert.equal(
    groupChat.introductionsMsg(agents.slice(0, 2)),
    `${GroupChat.DEFAULT_INTRO_MSG}\n\na: First.\nb: Second.`,
  );
});

test("a member that calls its own function may respond itself", async () => {
  const [alice, bob] = threeAgents();
  for (const agent of [alice, bob]) agent.registerFunction({ double: ({ x }: { x: number }) => 2 * x });
  const { groupChat, manager } = managedGroup([alice, bob], { maxRound: 3, funcCallFilter: true });

  await bob.initiateChat(manager, { message: { function_call: { name: "double", arguments: '{"x": 21}' } } });

  assert.deepEqual(
    groupChat.messages.map(({ role, name, content }) => [role, name, content]),
    [
      ["assistant", "bob", "None"],
      ["function", "double", "42"],
      ["user", "bob", "This is bob."],
    ],
  );
});

test("without funcCallFilter any member may speak after a call", async () => {
  const { agent: caller } = agentWithScript("caller", [toolCallStep("look")]);
  const [alice, bob] = threeAgents();
  bob.registerFunction({ look: () => "seen" });
  const { groupChat, manager } = managedGroup([caller, alice, bob], { funcCallFilter: false, maxRound: 3 });

  await bob.initiateChat(manager, { message: "Look." });

  assert.deepEqual(speakers(groupChat), ["bob", "caller", "alice"]);
});

test("the manager's lastSpeaker is the original sender of a message", async () => {
  const agents = threeAgents();
  const { manager } = managedGroup(agents, { maxRound: 3 });
  const received: unknown[] = [];
  for (const agent of agents)
    agent.registerHook(
      "updateAgentState",
      (_, messages) => void received.push([manager.lastSpeaker?.name, messages.at(-1)?.name]),
    );

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual(received, [
    ["alice", "alice"],
    ["bob", "bob"],
  ]);
});

test("the group chat ends without a reply, and without a next speaker", async () => {
  const alice = introducingAgent("alice");
  const ends = async ({ groupChat, manager }: ReturnType<typeof managedGroup>): Promise<unknown> => {
    let end: unknown[] = [];
    for await (const event of run(alice, { recipient: manager, message: "Hello." })) {
      if (event.type === "termination") end = [event.terminationReason, event.recipient];
    }
    return [speakers(groupChat), ...end];
  };

  assert.deepEqual(await ends(managedGroup([alice, plainAgent("mute"), introducingAgent("sam")])), [
    ["alice"],
    "No reply generated",
    "mute",
  ]);
  assert.deepEqual(await ends(managedGroup([alice, introducingAgent("sam")], { speakerSelectionMethod: () => null })), [
    ["alice"],
    "No next speaker selected",
    "alice",
  ]);
});

test("an error of a member, or of the selection, is the error of the chat", async () => {
  const error = new Error("no idea");
  const fail = (): never => {
    throw error;
  };
  const [alice, broken] = [introducingAgent("alice"), plainAgent("broken")];
  broken.registerReply(() => true, fail);

  for (const { manager } of [
    managedGroup([alice, broken]),
    managedGroup(threeAgents(), { speakerSelectionMethod: fail }),
  ]) {
    await assert.rejects(alice.initiateChat(manager, { message: "Hello." }), (thrown) => thrown === error);
  }
});

test("a signal ends the group chat with its reason", async () => {
  const agents = threeAgents();
  const stop = new AbortController();
  const { groupChat, manager } = managedGroup(agents);
  agents[1].registerReply(
    () => true,
    () => (stop.abort(new Error("enough")), [false]),
  );

  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello.", signal: stop.signal }), {
    message: "enough",
  });
  assert.deepEqual(speakers(groupChat), ["alice"]);
});

test("an interruption ends the wait for a model that ignores signals, and only once", async () => {
  const { agent: thinker, asked } = agentWithPendingModel("thinker");
  const admin = plainAgent("chief", { defaultAutoReply: "Enough." });
  const { groupChat, manager } = managedGroup([admin, thinker], { adminName: "chief", maxRound: 2 });

  const chat = admin.initiateChat(manager, { message: "Think." });
  await asked;
  assert.equal(manager.interrupt(), true);
  await chat;

  assert.deepEqual(
    groupChat.messages.map(({ content }) => content),
    ["Think.", "Enough."],
  );
  assert.equal(manager.interrupt(), false);
});

test("the selection of a speaker can be interrupted too", async () => {
  const agents = [...threeAgents(), introducingAgent("Admin")];
  const { agent: chooser, asked } = agentWithPendingModel("chooser");
  const { groupChat, manager } = managedGroup(agents, {
    speakerSelectionMethod: "auto",
    selectSpeakerAutoLlmConfig: chooser.llmConfig,
    maxRound: 2,
  });

  const chat = introducingAgent("user").initiateChat(manager, { message: "Hello." });
  await asked;
  manager.interrupt();
  await chat;

  assert.deepEqual(speakers(groupChat), ["user", "Admin"]);
});

test("members are found by name, in nested groups too, and names that are not unique can be refused", () => {
  const team = (name: string): GroupChatManager =>
    managedGroup([introducingAgent("one"), introducingAgent("two")], {}, { name }).manager;
  const [user, first, second] = [introducingAgent("user"), team("first"), team("second")];
  const { groupChat } = managedGroup([user, first, second]);

  assert.equal(groupChat.agentByName("first"), first);
  assert.equal(groupChat.agentByName("one"), undefined);
  assert.equal(groupChat.agentByName("one", { recursive: true }), first.groupChat.agents[0]);
  assert.equal(groupChat.agentByName("missing", { recursive: true, raiseOnNameConflict: true }), undefined);
  assert.throws(() => groupChat.agentByName("one", { recursive: true, raiseOnNameConflict: true }), {
    code: "agent_name_conflict",
  });
  assert.equal(groupChat.nestedAgents().length, 7);
  assert.deepEqual(groupChat.agentNames, ["user", "first", "second"]);
});

test("members of nested groups can chat with each other directly", async () => {
  const team = (name: string): GroupChatManager =>
    managedGroup([introducingAgent(`one of ${name}`), introducingAgent(`two of ${name}`)], {}, { name }).manager;
  const { groupChat } = managedGroup([introducingAgent("user"), team("first"), team("second")]);
  const one = groupChat.agentByName("one of first", { recursive: true })!;
  const two = groupChat.agentByName("two of second", { recursive: true })!;

  await one.send("Hello.", two, { requestReply: true });

  assert.deepEqual(
    one.chatMessages
      .get(two)
      ?.map(({ content }) => content)
      .slice(0, 2),
    ["Hello.", "This is two of second."],
  );
});

test("members share the cache of the chat; the selection of speakers does not use it", async () => {
  const cache = new Map<string, string>();
  const { agent: poet, model } = agentWithScript("poet", ["Tea."]);
  const user = introducingAgent("user");
  const { manager, model: chooser } = modelSelectedGroup([user, poet, introducingAgent("sam")], ["poet", "poet"], {
    maxRound: 2,
  });

  for (let chat = 0; chat < 2; chat++) await user.initiateChat(manager, { message: "A verse.", cache });

  assert.equal(model.requests.length, 1);
  assert.equal(chooser.requests.length, 2);
  assert.equal(cache.size, 1);
});

test("a template is kept in a group chat, and each member's model gets its text", async () => {
  const { agent: poet, model } = agentWithScript("poet", ["Tea."]);
  const user = introducingAgent("user");
  const { manager } = managedGroup([user, poet], { maxRound: 2 });

  await user.initiateChat(manager, {
    message: { content: ({ topic }) => `A verse on ${String(topic)}.`, context: { topic: "tea" } },
  });

  assert.equal(model.requests[0]?.messages.at(-1)?.content, "A verse on tea.");
});

test("changes of the group chat's settings apply at once (AG2's manager has a copy of them)", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = managedGroup(agents);
  groupChat.maxRound = 2;

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.equal(groupChat.messages.length, 2);
});

test("a manager needs a group chat, and its model calls no tools", () => {
  const { groupChat } = managedGroup(threeAgents());
  const tool = { type: "function", function: { name: "look" } };

  assert.throws(() => new GroupChatManager({} as never), { code: "invalid_option" });
  assert.throws(() => new GroupChatManager({ groupChat, llmConfig: { tools: [tool] } }), { code: "invalid_option" });
  assert.throws(() => new GroupChatManager({ groupChat, llmConfig: { functions: [tool] } }), {
    code: "invalid_option",
  });
  assert.equal(new GroupChatManager({ groupChat }).name, "chat_manager");
  assert.equal(new GroupChatManager({ groupChat }).description, "Group chat manager.");
});

test("a silent manager prints nothing, any other announces each speaker", async () => {
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  const user = introducingAgent("user");
  const bob = plainAgent("bob", { silent: undefined, defaultAutoReply: "Hello." });

  await user.initiateChat(managedGroup([user, bob], { maxRound: 2 }).manager, { message: "Hello." });
  const whenSilent = printed.splice(0).length;
  await user.initiateChat(managedGroup([user, bob], { maxRound: 2 }, { silent: undefined }).manager, {
    message: "Hello.",
  });
  undo();

  assert.equal(whenSilent, 0);
  assert.deepEqual(
    printed.map((text) => text.split("\n").find((line) => line !== "")),
    ["Next speaker: bob", "bob (to chat_manager):", ">>>>>>>> TERMINATING RUN: Maximum rounds (2) reached"],
  );
});

test("a run emits the next speakers and the messages", async () => {
  const [alice, bob] = [
    plainAgent("alice", { silent: undefined }),
    plainAgent("bob", { silent: undefined, defaultAutoReply: "Hello." }),
  ];
  const { manager } = managedGroup([alice, bob], { maxRound: 2 }, { silent: undefined });

  const seen: unknown[] = [];
  for await (const event of run(alice, { recipient: manager, message: "Hello?" })) {
    if (event.type === "groupChatRunChat") seen.push(event.speaker);
    if (event.type === "text") seen.push([event.sender, event.recipient, event.content]);
    if (event.type === "termination") seen.push(event.terminationReason);
  }

  assert.deepEqual(seen, [
    ["alice", "chat_manager", "Hello?"],
    "bob",
    ["bob", "chat_manager", "Hello."],
    "Maximum rounds (2) reached",
  ]);
});
