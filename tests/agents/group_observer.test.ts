/** The observer seam around a group chat: who spoke, who chose whom, and what is only a copy. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConversableAgent, GroupChat, type MessageEvent, type Scope } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { resumeGroupChat } from "mlflow-ag2/agents/resume";
import { agentSaying, calling, plainAgent } from "./cast.js";
import { agentThinking, chosen, managed, talker, trio } from "./group_cast.js";
import { type Watched, watching } from "./watching.js";

setPrinter(() => {});

/** The messages that are said, and those that are copies of them, as lines. */
function messages({ reports }: Watched, which: "said" | "copied"): string[] {
  return reports.flatMap((report) => {
    if (report.event !== "message" || (report.message.broadcastOf === undefined) !== (which === "said")) return [];
    const { sender, recipient, broadcastOf }: MessageEvent = report.message;
    return [`${sender.name} > ${recipient.name}${broadcastOf ? `: ${broadcastOf.name}` : ""}`];
  });
}

/** How the choices ended. */
function choices(watched: Watched): unknown[] {
  return watched.ends("speakerSelection").map(({ speaker, method }) => [speaker?.name, method]);
}

test("each speaker's turn is a reply within the manager's, with its own model and tool calls", async () => {
  const user = plainAgent("user");
  const { agent: clerk } = agentSaying("clerk", [calling("look"), "It is there."]);
  const runner = plainAgent("runner");
  runner.registerFunction({ look: () => "seen" });
  const { manager } = managed([clerk, runner], { maxRound: 4 });

  const { lines } = await watching(() => user.initiateChat(manager, { message: "Look." }));

  assert.deepEqual(lines.filter((line) => !line.startsWith("message chat_manager") && !line.includes("speakerSelection")), [
    "start chat in nothing",
    "message user > chat_manager by chat",
    "start reply of chat_manager in chat",
    "start reply of clerk in reply of chat_manager",
    "start modelCall of clerk in reply of clerk",
    "end modelCall of clerk",
    "message clerk > chat_manager by reply of clerk",
    "end reply of clerk",
    "start reply of runner in reply of chat_manager",
    "start toolCall look in reply of runner",
    "end toolCall look",
    "message runner > chat_manager by reply of runner",
    "end reply of runner",
    "start reply of clerk in reply of chat_manager",
    "start modelCall of clerk in reply of clerk",
    "end modelCall of clerk",
    "message clerk > chat_manager by reply of clerk",
    "end reply of clerk",
    "end reply of chat_manager",
    "end chat",
  ]);
});

test("what a member says is reported once as its own; what the manager passes on is marked as a copy of it", async () => {
  const agents = trio();
  const { manager } = managed(agents, { maxRound: 3 });

  const watched = await watching(() => agents[0].initiateChat(manager, { message: "Hello." }));

  assert.deepEqual(messages(watched, "said"), ["alice > chat_manager", "bob > chat_manager", "sam > chat_manager"]);
  assert.deepEqual(messages(watched, "copied"), [
    "chat_manager > bob: alice", "chat_manager > sam: alice",
    "chat_manager > alice: bob", "chat_manager > sam: bob",
    "chat_manager > alice: sam", "chat_manager > bob: sam",
  ]);
});

test("introductions, and what resume puts back, are copies", async () => {
  const [alice, bob] = trio();
  const { manager } = managed([alice, bob], { maxRound: 1, sendIntroductions: true });

  const introduced = await watching(() => alice.initiateChat(manager, { message: "Hello." }));
  assert.deepEqual(messages(introduced, "copied").slice(0, 2), ["chat_manager > alice: chat_manager", "chat_manager > bob: chat_manager"]);
  assert.deepEqual(messages(introduced, "said"), ["alice > chat_manager"]);

  const resumed = await watching(() => resumeGroupChat(manager, { messages: [{ role: "user", name: "alice", content: "Hello." }, { role: "user", name: "bob", content: "Hi." }] }));
  assert.deepEqual(messages(resumed, "said"), []);
  assert.deepEqual(messages(resumed, "copied"), ["alice > chat_manager: alice", "chat_manager > bob: alice"]);
  assert.deepEqual(resumed.lines, ["message alice > chat_manager by nothing", "message chat_manager > bob by nothing"]);
});

test("a choice by a model is a scope within the manager's reply, with the chat that makes it and all its attempts below", async () => {
  const agents = trio();
  const { groupChat, manager } = chosen(agents, ["bob or sam", "sam"], { maxRound: 2 });

  const watched = await watching(() => agents[0].initiateChat(manager, { message: "Hello." }));

  const { lines } = watched;
  assert.deepEqual(lines.slice(lines.indexOf("start speakerSelection in reply of chat_manager"), lines.indexOf("end speakerSelection") + 1), [
    "start speakerSelection in reply of chat_manager",
    "start chat in speakerSelection",
    "message checking_agent > speaker_selection_agent by chat",
    "start reply of speaker_selection_agent in chat",
    "start modelCall of speaker_selection_agent in reply of speaker_selection_agent",
    "end modelCall of speaker_selection_agent",
    "message speaker_selection_agent > checking_agent by reply of speaker_selection_agent",
    "end reply of speaker_selection_agent",
    "start reply of checking_agent in chat",
    "message checking_agent > speaker_selection_agent by reply of checking_agent",
    "end reply of checking_agent",
    "start reply of speaker_selection_agent in chat",
    "start modelCall of speaker_selection_agent in reply of speaker_selection_agent",
    "end modelCall of speaker_selection_agent",
    "message speaker_selection_agent > checking_agent by reply of speaker_selection_agent",
    "end reply of speaker_selection_agent",
    "start reply of checking_agent in chat",
    "end reply of checking_agent",
    "end chat",
    "end speakerSelection",
  ]);
  assert.deepEqual(watched.starts("speakerSelection"), [{ groupChat, lastSpeaker: agents[0], method: "auto" }]);
  assert.deepEqual(watched.ends("speakerSelection"), [{ speaker: agents[2], method: "auto" }]);
  assert.deepEqual(watched.ends("chat")[0]?.chatHistory.at(-1), { role: "user", content: "[AGENT SELECTED]sam" });
});

test("the end of a choice names the speaker and what found it", async () => {
  const agents = trio();
  const outcome = async (options: Parameters<typeof managed>[1], answers: string[] = []): Promise<unknown> => {
    const { groupChat, manager } = chosen(agents, answers, { messages: [{ role: "user", content: "Hello." }], ...options });
    const watched = await watching(() => groupChat.selectSpeaker(agents[0], manager));
    return [watched.starts("speakerSelection")[0]?.method, ...choices(watched)];
  };
  const [alice, bob] = agents;

  assert.deepEqual(await outcome({ speakerSelectionMethod: "round_robin" }), ["round_robin", ["bob", "round_robin"]]);
  assert.deepEqual(await outcome({ speakerSelectionMethod: () => bob }), ["function", ["bob", "function"]]);
  assert.deepEqual(await outcome({ speakerSelectionMethod: () => "round_robin" }), ["function", ["bob", "round_robin"]]);
  assert.deepEqual(await outcome({ speakerSelectionMethod: () => null }), ["function", [undefined, "function"]]);
  assert.deepEqual(await outcome({ maxRetriesForSelectingSpeaker: 0 }, ["?"]), ["auto", ["bob", "round_robin"]]);
  const only = { allowedOrDisallowedSpeakerTransitions: [[alice, [bob]], [bob, agents]] as const, speakerTransitionsType: "allowed" as const };
  assert.deepEqual(await outcome(only), ["auto", ["bob", "only_candidate"]]);
  assert.deepEqual(await outcome({ ...only, allowedOrDisallowedSpeakerTransitions: [[bob, agents]] }), ["auto", [undefined, "auto"]]);
});

test("a person who chooses is asked within the choice", async () => {
  const agents = trio();
  const { manager } = managed(agents, { speakerSelectionMethod: "manual", maxRound: 2 }, { getHumanInput: () => "3" });

  const watched = await watching(() => agents[0].initiateChat(manager, { message: "Hello." }));

  assert.ok(watched.lines.includes("start humanInput of chat_manager in speakerSelection"));
  assert.deepEqual(watched.ends("humanInput"), [{ reply: "3" }]);
  assert.deepEqual(choices(watched), [["sam", "manual"]]);
});

test("a choice by an override is reported, too, and a choice within a choice has a scope of its own", async () => {
  class Twice extends GroupChat {
    override async selectSpeaker(...args: Parameters<GroupChat["selectSpeaker"]>): Promise<ConversableAgent> {
      await super.selectSpeaker(...args);
      return super.selectSpeaker(...args);
    }
  }
  const agents = trio();
  const groupChat = new Twice({ agents, speakerSelectionMethod: "round_robin" });

  const { lines } = await watching(() => groupChat.selectSpeaker(agents[0], talker("selector")));
  assert.deepEqual(lines, ["start speakerSelection in nothing", "end speakerSelection", "start speakerSelection in nothing", "end speakerSelection"]);

  const { manager } = managed(agents, { maxRound: 2 });
  manager.groupChat.selectSpeaker = groupChat.selectSpeaker.bind(groupChat);
  const within = await watching(() => agents[0].initiateChat(manager, { message: "Hello." }));
  assert.deepEqual(within.lines.filter((line) => line.includes("speakerSelection")), [
    "start speakerSelection in reply of chat_manager",
    "start speakerSelection in speakerSelection",
    "end speakerSelection",
    "end speakerSelection",
  ]);
});

test("an error fails the scopes it passes: the member's reply, or the choice, then the manager's reply and the chat", async () => {
  const error = new Error("no idea");
  const fail = (): never => { throw error; };
  const [alice, broken] = [talker("alice"), plainAgent("broken")];
  broken.registerReply(() => true, fail);

  const reply = await watching(() => alice.initiateChat(managed([alice, broken]).manager, { message: "Hello." }));
  assert.deepEqual(reply.failures, [["reply of broken", error], ["reply of chat_manager", error], ["chat", error]]);
  const choice = await watching(() => alice.initiateChat(managed(trio(), { speakerSelectionMethod: fail }).manager, { message: "Hello." }));
  assert.deepEqual(choice.failures, [["speakerSelection", error], ["reply of chat_manager", error], ["chat", error]]);
});

test("an interrupted turn fails alone, and the admin's follows in its place", async () => {
  const { agent: thinker, asked } = agentThinking("thinker");
  const admin = plainAgent("Admin", { defaultAutoReply: "Enough." });
  const { manager } = managed([admin, thinker], { maxRound: 2 });

  const { failures, lines } = await watching(async () => {
    const chat = admin.initiateChat(manager, { message: "Think." });
    await asked;
    manager.interrupt();
    await chat;
  });

  assert.deepEqual(failures.map(([scope, error]) => [scope, (error as { code?: string }).code]), [
    ["modelCall of thinker", "interrupted"],
    ["reply of thinker", "interrupted"],
  ]);
  assert.deepEqual(lines.slice(-6), [
    "start reply of Admin in reply of chat_manager",
    "message Admin > chat_manager by reply of Admin",
    "end reply of Admin",
    "message chat_manager > thinker by chat",
    "end reply of chat_manager",
    "end chat",
  ]);
});

test("group chats at the same time have trees of their own", async () => {
  const chat = async (name: string): Promise<void> => {
    const { agent: poet } = agentSaying(`poet of ${name}`.replaceAll(" ", "_"), [{ content: "Verse.", delay_ms: 2 }]);
    const user = plainAgent(`user of ${name}`);
    const { manager } = chosen([user, poet, talker(`sam of ${name}`)], [{ content: poet.name, delay_ms: 3 }], { maxRound: 2 });
    await user.initiateChat(manager, { message: `For ${name}.` });
  };

  const { reports } = await watching(() => Promise.all([chat("a"), chat("b"), chat("c")]));

  const root = (scope: Scope): Scope => (scope.parent === undefined ? scope : root(scope.parent));
  const roots = new Map<Scope, string>();
  for (const report of reports) {
    if (report.event !== "start") continue;
    if (report.scope.parent === undefined && "message" in report.details) roots.set(report.scope, String(report.details.message).slice(4, 5));
    const chat = roots.get(root(report.scope));
    if ("agent" in report.details && /of.[abc]$/.test(report.details.agent?.name ?? "")) assert.ok(report.details.agent?.name.endsWith(String(chat)));
    if ("lastSpeaker" in report.details) assert.ok(report.details.lastSpeaker?.name.endsWith(String(chat)));
  }
  assert.equal(roots.size, 3);
});
