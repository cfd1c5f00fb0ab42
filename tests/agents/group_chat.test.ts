/** Group chats, behaviour by behaviour: what AG2's own tests (test/agentchat/test_groupchat.py) say of them, and what is ours. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { run } from "mlflow-ag2/agents/run";
import { agentSaying, calling, plainAgent } from "./cast.js";
import { agentThinking, chosen, managed, speakers, talker, trio } from "./group_cast.js";

setPrinter(() => {});

test("the members speak in the order of the group, and everybody remembers everything", async () => {
  const agents = trio();
  const [alice, bob, sam] = agents;
  const { groupChat, manager } = managed(agents, { maxRound: 6 });

  await alice.initiateChat(manager, { message: "This is alice." });

  const said = ["This is alice.", "This is bob.", "This is sam.", "This is alice.", "This is bob.", "This is sam."];
  for (const agent of [alice, bob, sam]) assert.deepEqual(agent.chatMessages.get(manager)?.map(({ content }) => content), said);
  assert.deepEqual(groupChat.messages.map(({ content }) => content), said);
  assert.deepEqual(alice.chatMessages.get(manager)?.map(({ role }) => role), ["assistant", "user", "user", "assistant", "user", "user"]);
});

test("a group chat has ten rounds if not told otherwise, and its manager's limit of replies never ends it", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents);

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.equal(groupChat.messages.length, 10);
  assert.equal(manager.maxConsecutiveAutoReply(), Infinity);
});

test("a message that meets the manager's condition ends the group chat, after everybody has got it", async () => {
  const [alice, bob] = trio();
  const sam = plainAgent("sam", { defaultAutoReply: "This is sam. TERMINATE" });
  const { groupChat, manager } = managed([alice, bob, sam], {}, { isTerminationMsg: ({ content }) => (content ?? "").includes("TERMINATE") });

  await alice.initiateChat(manager, { message: "Hello." });

  assert.deepEqual(speakers(groupChat), ["alice", "bob", "sam"]);
  assert.equal(bob.lastMessage(manager)?.content, "This is sam. TERMINATE");
});

test("a new chat begins anew, and with clearHistory false it goes on; a reset of the manager forgets the group's messages", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents, { maxRound: 2 });

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
  const agents = trio();
  const groupChat = new GroupChat({ agents, maxRound: 3, speakerSelectionMethod: "round_robin" });
  const deputy = plainAgent("deputy_manager");
  deputy.registerReply(() => true, GroupChatManager.runChat, { config: groupChat, resetConfig: (config) => (config as GroupChat).reset() });

  await agents[0].initiateChat(deputy, { message: "Hello." });
  assert.deepEqual(speakers(groupChat), ["alice", "bob", "sam"]);

  deputy.reset();
  assert.deepEqual(groupChat.messages, []);
});

test("the manager may begin the chat itself, after introductions that are not part of the conversation", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents, { sendIntroductions: true, maxRound: 2 });

  await manager.initiateChat(manager, { message: "The initiating message." });

  assert.deepEqual(speakers(groupChat), ["chat_manager", "alice"]);
  for (const agent of agents) {
    const [intro, ...said] = agent.chatMessages.get(manager)?.map(({ content }) => content) ?? [];
    assert.equal(intro, groupChat.introductionsMsg());
    assert.deepEqual(said, ["The initiating message.", "This is alice."]);
  }
});

test("introductions name the given agents with their descriptions", () => {
  const agents = [plainAgent("a", { description: "First." }), plainAgent("b", { systemMessage: "Second." }), plainAgent("c", { description: "" })];
  const { groupChat } = managed(agents);

  assert.equal(groupChat.introductionsMsg(agents.slice(0, 2)), `${GroupChat.DEFAULT_INTRO_MSG}\n\na: First.\nb: Second.`);
});

test("a member that calls its own function may answer the call itself", async () => {
  const [alice, bob] = trio();
  for (const agent of [alice, bob]) agent.registerFunction({ double: ({ x }: { x: number }) => 2 * x });
  const { groupChat, manager } = managed([alice, bob], { maxRound: 3, funcCallFilter: true });

  await bob.initiateChat(manager, { message: { function_call: { name: "double", arguments: '{"x": 21}' } } });

  assert.deepEqual(groupChat.messages.map(({ role, name, content }) => [role, name, content]), [
    ["assistant", "bob", "None"],
    ["function", "double", "42"],
    ["user", "bob", "This is bob."],
  ]);
});

test("without funcCallFilter a call may be followed by anybody", async () => {
  const { agent: caller } = agentSaying("caller", [calling("look")]);
  const [alice, bob] = trio();
  bob.registerFunction({ look: () => "seen" });
  const { groupChat, manager } = managed([caller, alice, bob], { funcCallFilter: false, maxRound: 3 });

  await bob.initiateChat(manager, { message: "Look." });

  assert.deepEqual(speakers(groupChat), ["bob", "caller", "alice"]);
});

test("members learn from the manager who really spoke", async () => {
  const agents = trio();
  const { manager } = managed(agents, { maxRound: 3 });
  const heard: unknown[] = [];
  for (const agent of agents) agent.registerHook("updateAgentState", (_, messages) => void heard.push([manager.lastSpeaker?.name, messages.at(-1)?.name]));

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.deepEqual(heard, [["alice", "alice"], ["bob", "bob"]]);
});

test("a reply that is none ends the group chat, and so does having no next speaker", async () => {
  const alice = talker("alice");
  const ends = async ({ groupChat, manager }: ReturnType<typeof managed>): Promise<unknown> => {
    let end: unknown[] = [];
    for await (const event of run(alice, { recipient: manager, message: "Hello." })) {
      if (event.type === "termination") end = [event.terminationReason, event.recipient];
    }
    return [speakers(groupChat), ...end];
  };

  assert.deepEqual(await ends(managed([alice, plainAgent("mute"), talker("sam")])), [["alice"], "No reply generated", "mute"]);
  assert.deepEqual(await ends(managed([alice, talker("sam")], { speakerSelectionMethod: () => null })), [["alice"], "No next speaker selected", "alice"]);
});

test("an error of a member, or of the choice, is the error of the chat", async () => {
  const error = new Error("no idea");
  const fail = (): never => { throw error; };
  const [alice, broken] = [talker("alice"), plainAgent("broken")];
  broken.registerReply(() => true, fail);

  for (const { manager } of [managed([alice, broken]), managed(trio(), { speakerSelectionMethod: fail })]) {
    await assert.rejects(alice.initiateChat(manager, { message: "Hello." }), (thrown) => thrown === error);
  }
});

test("a signal ends the group chat with its reason", async () => {
  const agents = trio();
  const stop = new AbortController();
  const { groupChat, manager } = managed(agents);
  agents[1].registerReply(() => true, () => (stop.abort(new Error("enough")), [false]));

  await assert.rejects(agents[0].initiateChat(manager, { message: "Hello.", signal: stop.signal }), { message: "enough" });
  assert.deepEqual(speakers(groupChat), ["alice"]);
});

test("an interruption ends the wait for a model that does not listen, and nothing is there to interrupt later", async () => {
  const { agent: thinker, asked } = agentThinking("thinker");
  const admin = plainAgent("chief", { defaultAutoReply: "Enough." });
  const { groupChat, manager } = managed([admin, thinker], { adminName: "chief", maxRound: 2 });

  const chat = admin.initiateChat(manager, { message: "Think." });
  await asked;
  assert.equal(manager.interrupt(), true);
  await chat;

  assert.deepEqual(groupChat.messages.map(({ content }) => content), ["Think.", "Enough."]);
  assert.equal(manager.interrupt(), false);
});

test("the choice of a speaker can be interrupted, too", async () => {
  const agents = [...trio(), talker("Admin")];
  const { agent: chooser, asked } = agentThinking("chooser");
  const { groupChat, manager } = managed(agents, { speakerSelectionMethod: "auto", selectSpeakerAutoLlmConfig: chooser.llmConfig, maxRound: 2 });

  const chat = talker("user").initiateChat(manager, { message: "Hello." });
  await asked;
  manager.interrupt();
  await chat;

  assert.deepEqual(speakers(groupChat), ["user", "Admin"]);
});

test("members are found by name, in nested groups too, and names that are not unique can be refused", () => {
  const team = (name: string): GroupChatManager => managed([talker("one"), talker("two")], {}, { name }).manager;
  const [user, first, second] = [talker("user"), team("first"), team("second")];
  const { groupChat } = managed([user, first, second]);

  assert.equal(groupChat.agentByName("first"), first);
  assert.equal(groupChat.agentByName("one"), undefined);
  assert.equal(groupChat.agentByName("one", { recursive: true }), first.groupChat.agents[0]);
  assert.equal(groupChat.agentByName("nobody", { recursive: true, raiseOnNameConflict: true }), undefined);
  assert.throws(() => groupChat.agentByName("one", { recursive: true, raiseOnNameConflict: true }), { code: "agent_name_conflict" });
  assert.equal(groupChat.nestedAgents().length, 7);
  assert.deepEqual(groupChat.agentNames, ["user", "first", "second"]);
});

test("members of nested teams can talk to each other directly", async () => {
  const team = (name: string): GroupChatManager => managed([talker(`one of ${name}`), talker(`two of ${name}`)], {}, { name }).manager;
  const { groupChat } = managed([talker("user"), team("first"), team("second")]);
  const one = groupChat.agentByName("one of first", { recursive: true })!;
  const two = groupChat.agentByName("two of second", { recursive: true })!;

  await one.send("Hello.", two, { requestReply: true });

  assert.deepEqual(one.chatMessages.get(two)?.map(({ content }) => content).slice(0, 2), ["Hello.", "This is two of second."]);
});

test("members share the cache of the chat; the choice of speakers does not use it", async () => {
  const cache = new Map<string, string>();
  const { agent: poet, model } = agentSaying("poet", ["Tea."]);
  const user = talker("user");
  const { manager, model: chooser } = chosen([user, poet, talker("sam")], ["poet", "poet"], { maxRound: 2 });

  for (let chat = 0; chat < 2; chat++) await user.initiateChat(manager, { message: "A verse.", cache });

  assert.equal(model.requests.length, 1);
  assert.equal(chooser.requests.length, 2);
  assert.equal(cache.size, 1);
});

test("a template stays one in a group chat: each member's model gets the text", async () => {
  const { agent: poet, model } = agentSaying("poet", ["Tea."]);
  const user = talker("user");
  const { manager } = managed([user, poet], { maxRound: 2 });

  await user.initiateChat(manager, { message: { content: ({ topic }) => `A verse on ${String(topic)}.`, context: { topic: "tea" } } });

  assert.equal(model.requests[0]?.messages.at(-1)?.content, "A verse on tea.");
});

test("changes of the group chat's settings count at once (AG2's manager keeps a copy of them)", async () => {
  const agents = trio();
  const { groupChat, manager } = managed(agents);
  groupChat.maxRound = 2;

  await agents[0].initiateChat(manager, { message: "Hello." });

  assert.equal(groupChat.messages.length, 2);
});

test("a manager needs a group chat, and its model calls no tools", () => {
  const { groupChat } = managed(trio());
  const tool = { type: "function", function: { name: "look" } };

  assert.throws(() => new GroupChatManager({} as never), { code: "invalid_option" });
  assert.throws(() => new GroupChatManager({ groupChat, llmConfig: { tools: [tool] } }), { code: "invalid_option" });
  assert.throws(() => new GroupChatManager({ groupChat, llmConfig: { functions: [tool] } }), { code: "invalid_option" });
  assert.equal(new GroupChatManager({ groupChat }).name, "chat_manager");
  assert.equal(new GroupChatManager({ groupChat }).description, "Group chat manager.");
});

test("a silent manager prints nothing, any other announces each speaker", async () => {
  const printed: string[] = [];
  const undo = setPrinter((text) => printed.push(text));
  const user = talker("user");
  const bob = plainAgent("bob", { silent: undefined, defaultAutoReply: "Hello." });

  await user.initiateChat(managed([user, bob], { maxRound: 2 }).manager, { message: "Hello." });
  const whenSilent = printed.splice(0).length;
  await user.initiateChat(managed([user, bob], { maxRound: 2 }, { silent: undefined }).manager, { message: "Hello." });
  undo();

  assert.equal(whenSilent, 0);
  assert.deepEqual(printed.map((text) => text.split("\n").find((line) => line !== "")), [
    "Next speaker: bob",
    "bob (to chat_manager):",
    ">>>>>>>> TERMINATING RUN: Maximum rounds (2) reached",
  ]);
});

test("a run tells who speaks next and what was said", async () => {
  const [alice, bob] = [plainAgent("alice", { silent: undefined }), plainAgent("bob", { silent: undefined, defaultAutoReply: "Hello." })];
  const { manager } = managed([alice, bob], { maxRound: 2 }, { silent: undefined });

  const seen: unknown[] = [];
  for await (const event of run(alice, { recipient: manager, message: "Hello?" })) {
    if (event.type === "groupChatRunChat") seen.push(event.speaker);
    if (event.type === "text") seen.push([event.sender, event.recipient, event.content]);
    if (event.type === "termination") seen.push(event.terminationReason);
  }

  assert.deepEqual(seen, [["alice", "chat_manager", "Hello?"], "bob", ["bob", "chat_manager", "Hello."], "Maximum rounds (2) reached"]);
});
