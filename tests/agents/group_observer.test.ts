/** The observer API in group chats: speakers, selections, and copies of messages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConversableAgent, GroupChat, type MessageEvent, type Scope } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { resumeGroupChat } from "mlflow-ag2/agents/resume";
import { agentWithScript, toolCallStep, plainAgent } from "./agent_fixtures.js";
import {
  agentWithPendingModel,
  modelSelectedGroup,
  managedGroup,
  introducingAgent,
  threeAgents,
} from "./group_fixtures.js";
import { type RecordingObserver, recordReports } from "./recording_observer.js";

setPrinter(() => {});

/** The original messages and their copies, as lines. */
function messages({ reports }: RecordingObserver, which: "original" | "copy"): string[] {
  return reports.flatMap((report) => {
    if (report.event !== "message" || (report.message.broadcastOf === undefined) !== (which === "original")) return [];
    const { sender, recipient, broadcastOf }: MessageEvent = report.message;
    return [`${sender.name} > ${recipient.name}${broadcastOf ? `: ${broadcastOf.name}` : ""}`];
  });
}

/** The ends of the selections. */
function selections(recorded: RecordingObserver): unknown[] {
  return recorded.ends("speakerSelection").map(({ speaker, method }) => [speaker?.name, method]);
}

test("each speaker's turn is a reply within the manager's, with its own model and tool calls", async () => {
  const user = plainAgent("user");
  const { agent: clerk } = agentWithScript("clerk", [toolCallStep("look"), "It is there."]);
  const runner = plainAgent("runner");
  runner.registerFunction({ look: () => "seen" });
  const { manager } = managedGroup([clerk, runner], { maxRound: 4 });

  const { lines } = await recordReports(() => user.initiateChat(manager, { message: "Look." }));

  assert.deepEqual(
    lines.filter((line) => !line.startsWith("message chat_manager") && !line.includes("speakerSelection")),
    [
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
    ],
  );
});

test("a member's message is reported once as its own; the manager's copies are marked as such", async () => {
  const agents = threeAgents();
  const { manager } = managedGroup(agents, { maxRound: 3 });

  const recorded = await recordReports(() => agents[0].initiateChat(manager, { message: "Hello." }));

  assert.deepEqual(messages(recorded, "original"), [
    "alice > chat_manager",
    "bob > chat_manager",
    "sam > chat_manager",
  ]);
  assert.deepEqual(messages(recorded, "copy"), [
    "chat_manager > bob: alice",
    "chat_manager > sam: alice",
    "chat_manager > alice: bob",
    "chat_manager > sam: bob",
    "chat_manager > alice: sam",
    "chat_manager > bob: sam",
  ]);
});

test("introductions, and messages that resume restores, are copies", async () => {
  const [alice, bob] = threeAgents();
  const { manager } = managedGroup([alice, bob], { maxRound: 1, sendIntroductions: true });

  const introduced = await recordReports(() => alice.initiateChat(manager, { message: "Hello." }));
  assert.deepEqual(messages(introduced, "copy").slice(0, 2), [
    "chat_manager > alice: chat_manager",
    "chat_manager > bob: chat_manager",
  ]);
  assert.deepEqual(messages(introduced, "original"), ["alice > chat_manager"]);

  const resumed = await recordReports(() =>
    resumeGroupChat(manager, {
      messages: [
        { role: "user", name: "alice", content: "Hello." },
        { role: "user", name: "bob", content: "Hi." },
      ],
    }),
  );
  assert.deepEqual(messages(resumed, "original"), []);
  assert.deepEqual(messages(resumed, "copy"), ["alice > chat_manager: alice", "chat_manager > bob: alice"]);
  assert.deepEqual(resumed.lines, ["message alice > chat_manager by nothing", "message chat_manager > bob by nothing"]);
});

test("a selection by a model is a scope within the manager's reply, and contains its chat", async () => {
  const agents = threeAgents();
  const { groupChat, manager } = modelSelectedGroup(agents, ["bob or sam", "sam"], { maxRound: 2 });

  const recorded = await recordReports(() => agents[0].initiateChat(manager, { message: "Hello." }));

  const { lines } = recorded;
  assert.deepEqual(
    lines.slice(
      lines.indexOf("start speakerSelection in reply of chat_manager"),
      lines.indexOf("end speakerSelection") + 1,
    ),
    [
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
    ],
  );
  assert.deepEqual(recorded.starts("speakerSelection"), [{ groupChat, lastSpeaker: agents[0], method: "auto" }]);
  assert.deepEqual(recorded.ends("speakerSelection"), [{ speaker: agents[2], method: "auto" }]);
  assert.deepEqual(recorded.ends("chat")[0]?.chatHistory.at(-1), { role: "user", content: "[AGENT SELECTED]sam" });
});

test("the end of a selection names the speaker and the method", async () => {
  const agents = threeAgents();
  const outcome = async (options: Parameters<typeof managedGroup>[1], answers: string[] = []): Promise<unknown> => {
    const { groupChat, manager } = modelSelectedGroup(agents, answers, {
      messages: [{ role: "user", content: "Hello." }],
      ...options,
    });
    const recorded = await recordReports(() => groupChat.selectSpeaker(agents[0], manager));
    return [recorded.starts("speakerSelection")[0]?.method, ...selections(recorded)];
  };
  const [alice, bob] = agents;

  assert.deepEqual(await outcome({ speakerSelectionMethod: "round_robin" }), ["round_robin", ["bob", "round_robin"]]);
  assert.deepEqual(await outcome({ speakerSelectionMethod: () => bob }), ["function", ["bob", "function"]]);
  assert.deepEqual(await outcome({ speakerSelectionMethod: () => "round_robin" }), [
    "function",
    ["bob", "round_robin"],
  ]);
  assert.deepEqual(await outcome({ speakerSelectionMethod: () => null }), ["function", [undefined, "function"]]);
  assert.deepEqual(await outcome({ maxRetriesForSelectingSpeaker: 0 }, ["?"]), ["auto", ["bob", "round_robin"]]);
  const only = {
    allowedOrDisallowedSpeakerTransitions: [
      [alice, [bob]],
      [bob, agents],
    ] as const,
    speakerTransitionsType: "allowed" as const,
  };
  assert.deepEqual(await outcome(only), ["auto", ["bob", "only_candidate"]]);
  assert.deepEqual(await outcome({ ...only, allowedOrDisallowedSpeakerTransitions: [[bob, agents]] }), [
    "auto",
    [undefined, "auto"],
  ]);
});

test("a person who selects is asked within the selection's scope", async () => {
  const agents = threeAgents();
  const { manager } = managedGroup(
    agents,
    { speakerSelectionMethod: "manual", maxRound: 2 },
    { getHumanInput: () => "3" },
  );

  const recorded = await recordReports(() => agents[0].initiateChat(manager, { message: "Hello." }));

  assert.ok(recorded.lines.includes("start humanInput of chat_manager in speakerSelection"));
  assert.deepEqual(recorded.ends("humanInput"), [{ reply: "3" }]);
  assert.deepEqual(selections(recorded), [["sam", "manual"]]);
});

test("a selection by an override is reported too, and a selection within a selection has its own scope", async () => {
  class Twice extends GroupChat {
    override async selectSpeaker(...args: Parameters<GroupChat["selectSpeaker"]>): Promise<ConversableAgent> {
      await super.selectSpeaker(...args);
      return super.selectSpeaker(...args);
    }
  }
  const agents = threeAgents();
  const groupChat = new Twice({ agents, speakerSelectionMethod: "round_robin" });

  const { lines } = await recordReports(() => groupChat.selectSpeaker(agents[0], introducingAgent("selector")));
  assert.deepEqual(lines, [
    "start speakerSelection in nothing",
    "end speakerSelection",
    "start speakerSelection in nothing",
    "end speakerSelection",
  ]);

  const { manager } = managedGroup(agents, { maxRound: 2 });
  manager.groupChat.selectSpeaker = groupChat.selectSpeaker.bind(groupChat);
  const within = await recordReports(() => agents[0].initiateChat(manager, { message: "Hello." }));
  assert.deepEqual(
    within.lines.filter((line) => line.includes("speakerSelection")),
    [
      "start speakerSelection in reply of chat_manager",
      "start speakerSelection in speakerSelection",
      "end speakerSelection",
      "end speakerSelection",
    ],
  );
});

test("an error fails the member's reply, or the selection, then the manager's reply and the chat", async () => {
  const error = new Error("no idea");
  const fail = (): never => {
    throw error;
  };
  const [alice, broken] = [introducingAgent("alice"), plainAgent("broken")];
  broken.registerReply(() => true, fail);

  const reply = await recordReports(() =>
    alice.initiateChat(managedGroup([alice, broken]).manager, { message: "Hello." }),
  );
  assert.deepEqual(reply.failures, [
    ["reply of broken", error],
    ["reply of chat_manager", error],
    ["chat", error],
  ]);
  const choice = await recordReports(() =>
    alice.initiateChat(managedGroup(threeAgents(), { speakerSelectionMethod: fail }).manager, { message: "Hello." }),
  );
  assert.deepEqual(choice.failures, [
    ["speakerSelection", error],
    ["reply of chat_manager", error],
    ["chat", error],
  ]);
});

test("an interrupted turn fails alone, and the admin's follows", async () => {
  const { agent: thinker, asked } = agentWithPendingModel("thinker");
  const admin = plainAgent("Admin", { defaultAutoReply: "Enough." });
  const { manager } = managedGroup([admin, thinker], { maxRound: 2 });

  const { failures, lines } = await recordReports(async () => {
    const chat = admin.initiateChat(manager, { message: "Think." });
    await asked;
    manager.interrupt();
    await chat;
  });

  assert.deepEqual(
    failures.map(([scope, error]) => [scope, (error as { code?: string }).code]),
    [
      ["modelCall of thinker", "interrupted"],
      ["reply of thinker", "interrupted"],
    ],
  );
  assert.deepEqual(lines.slice(-6), [
    "start reply of Admin in reply of chat_manager",
    "message Admin > chat_manager by reply of Admin",
    "end reply of Admin",
    "message chat_manager > thinker by chat",
    "end reply of chat_manager",
    "end chat",
  ]);
});

test("concurrent group chats have separate trees", async () => {
  const chat = async (name: string): Promise<void> => {
    const { agent: poet } = agentWithScript(`poet of ${name}`.replaceAll(" ", "_"), [
      { content: "Verse.", delay_ms: 2 },
    ]);
    const user = plainAgent(`user of ${name}`);
    const { manager } = modelSelectedGroup(
      [user, poet, introducingAgent(`sam of ${name}`)],
      [{ content: poet.name, delay_ms: 3 }],
      {
        maxRound: 2,
      },
    );
    await user.initiateChat(manager, { message: `For ${name}.` });
  };

  const { reports } = await recordReports(() => Promise.all([chat("a"), chat("b"), chat("c")]));

  const root = (scope: Scope): Scope => (scope.parent === undefined ? scope : root(scope.parent));
  const roots = new Map<Scope, string>();
  for (const report of reports) {
    if (report.event !== "start") continue;
    if (report.scope.parent === undefined && "message" in report.details)
      roots.set(report.scope, String(report.details.message).slice(4, 5));
    const chat = roots.get(root(report.scope));
    if ("agent" in report.details && /of.[abc]$/.test(report.details.agent?.name ?? ""))
      assert.ok(report.details.agent?.name.endsWith(String(chat)));
    if ("lastSpeaker" in report.details) assert.ok(report.details.lastSpeaker?.name.endsWith(String(chat)));
  }
  assert.equal(roots.size, 3);
});
