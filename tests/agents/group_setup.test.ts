/** The setup of group chats: options, transitions, texts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConversableAgent, GroupChat, type GroupChatOptions } from "mlflow-ag2/agents";
import { plainAgent } from "./agent_fixtures.js";
import { introducingAgent, threeAgents, warnings } from "./group_fixtures.js";

function names(groupChat: GroupChat, agent: ConversableAgent): string[] | undefined {
  return groupChat.allowedSpeakerTransitions
    .get(agent)
    ?.map(({ name }) => name)
    .sort();
}

function refused(options: Partial<GroupChatOptions> | Record<string, unknown>, words: RegExp): void {
  assert.throws(
    () => new GroupChat({ agents: threeAgents(), ...options }),
    (error: { code?: string; message: string }) => {
      assert.equal(error.code, "invalid_option");
      assert.match(error.message, words);
      return true;
    },
  );
}

test("by default all members may speak after each other and after themselves", () => {
  const agents = threeAgents();
  const groupChat = new GroupChat({ agents });

  for (const agent of agents) assert.deepEqual(names(groupChat, agent), ["alice", "bob", "sam"]);
  assert.equal(groupChat.allowRepeatSpeaker, true);
});

test("no agent, or only the listed ones, may speak twice in a row", () => {
  const agents = threeAgents();
  const [alice, bob] = agents;

  assert.deepEqual(names(new GroupChat({ agents, allowRepeatSpeaker: false }), alice), ["bob", "sam"]);
  const some = new GroupChat({ agents, allowRepeatSpeaker: [bob] });
  assert.deepEqual(names(some, alice), ["bob", "sam"]);
  assert.deepEqual(names(some, bob), ["alice", "bob", "sam"]);
});

test("disallowed transitions leave all others, allowed ones only themselves", () => {
  const agents = threeAgents();
  const [alice, bob, sam] = agents;
  const transitions = new Map([
    [alice, [bob]],
    [bob, [alice, bob, sam]],
  ]);

  const disallowed = new GroupChat({
    agents,
    allowedOrDisallowedSpeakerTransitions: transitions,
    speakerTransitionsType: "disallowed",
  });
  assert.deepEqual(
    agents.map((agent) => names(disallowed, agent)),
    [["alice", "sam"], [], ["alice", "bob", "sam"]],
  );
  const allowed = new GroupChat({
    agents,
    allowedOrDisallowedSpeakerTransitions: transitions,
    speakerTransitionsType: "allowed",
  });
  assert.deepEqual(
    agents.map((agent) => names(allowed, agent)),
    [["bob"], ["alice", "bob", "sam"], undefined],
  );
});

test("transitions need a type, exclude allowRepeatSpeaker, and are lists of agents of the group", () => {
  const agents = threeAgents();
  const [alice, bob] = agents;
  const transitions = [[alice, [bob]]] as const;
  const given = { agents, allowedOrDisallowedSpeakerTransitions: transitions };

  refused({ ...given }, /`speakerTransitionsType` must be/);
  refused({ ...given, speakerTransitionsType: "a" }, /must be "allowed" or "disallowed"/);
  refused({ ...given, speakerTransitionsType: "allowed", allowRepeatSpeaker: false }, /exclude each other/);
  refused({ allowedOrDisallowedSpeakerTransitions: 7, speakerTransitionsType: "allowed" }, /must be a Map/);
  refused(
    { ...given, allowedOrDisallowedSpeakerTransitions: [[alice, bob]], speakerTransitionsType: "allowed" },
    /lists of agents/,
  );
  refused(
    { ...given, allowedOrDisallowedSpeakerTransitions: [[alice, ["bob"]]], speakerTransitionsType: "allowed" },
    /lists of agents/,
  );
  refused(
    {
      ...given,
      allowedOrDisallowedSpeakerTransitions: [[introducingAgent("eve"), [bob]]],
      speakerTransitionsType: "disallowed",
    },
    /`eve`, which is not in the group chat/,
  );
});

test("isolated agents, non-members and duplicates in the transitions cause warnings", () => {
  const agents = threeAgents();
  const [alice, bob, sam] = agents;
  const make = (transitions: Iterable<readonly [ConversableAgent, ConversableAgent[]]>): string[] =>
    warnings(
      () =>
        new GroupChat({
          agents,
          allowedOrDisallowedSpeakerTransitions: transitions,
          speakerTransitionsType: "allowed",
        }),
    );

  assert.deepEqual(
    make([
      [alice, [bob, sam]],
      [bob, [alice]],
      [sam, [alice]],
    ]),
    [],
  );
  assert.match(make([[alice, [bob]]]).join(), /nobody may speak before or after `sam`/);
  assert.match(make([[alice, [bob, sam, introducingAgent("eve")]]]).join(), /lead to `eve`, not in the group chat/);
  assert.match(make([[alice, [bob, sam, bob]]]).join(), /transitions of `alice` name `bob` more than once/);
});

test("invalid options are rejected with the fix", () => {
  refused({ agents: [introducingAgent("bob"), introducingAgent("bob")] }, /`bob` is there more than once/);
  refused({ allowRepeatSpeaker: {} }, /true, false or a list of agents/);
  refused({ allowRepeatSpeaker: [introducingAgent("eve")] }, /`eve`, which is not in the group chat/);
  refused({ speakerSelectionMethod: "wrong" }, /one of auto, manual, random, round_robin/);
  for (const name of [
    "selectSpeakerMessageTemplate",
    "selectSpeakerAutoMultipleTemplate",
    "selectSpeakerAutoNoneTemplate",
    "roleForSelectSpeakerMessages",
  ]) {
    refused({ [name]: "" }, new RegExp(`\`${name}\` must be a text`));
    refused({ [name]: null }, new RegExp(`\`${name}\` must be a text`));
  }
  for (const retries of [-1, 1.5, "2"]) refused({ maxRetriesForSelectingSpeaker: retries }, /whole number from 0 on/);
  refused({ selectSpeakerTransformMessages: [] }, /`selectSpeakerTransformMessages` of `GroupChat` must be a function/);
  refused({ eligibilityPolicies: [{}] }, /`eligibilityPolicies` must be a list of objects with a method `isEligible`/);
});

test("the next agent is the next of the given ones in the order of the group", () => {
  const agents = threeAgents();
  const [alice, bob, sam] = agents;
  const groupChat = new GroupChat({ agents });

  assert.equal(groupChat.nextAgent(alice), bob);
  assert.equal(groupChat.nextAgent(sam), alice);
  assert.equal(groupChat.nextAgent(alice, [alice, sam]), sam);
  assert.equal(groupChat.nextAgent(bob, [alice, sam]), sam);
  assert.equal(groupChat.nextAgent(introducingAgent("eve"), [bob, sam]), bob);
  assert.throws(() => groupChat.nextAgent(alice, [introducingAgent("eve")]), { code: "undefined_next_agent" });
  assert.throws(() => groupChat.nextAgent(alice, []), { code: "undefined_next_agent" });
});

test("the selecting model gets the roles and is asked for one of the names, as in AG2", () => {
  const agents = [plainAgent("Alice", { description: "Asks." }), plainAgent("Bob", { systemMessage: "You answer." })];
  const groupChat = new GroupChat({ agents });

  assert.equal(
    groupChat.selectSpeakerMsg(),
    "You are in a role play game. The following roles are available:\n" +
      "                Alice: Asks.\nBob: You answer..\n" +
      "                Read the following conversation.\n" +
      "                Then select the next role from ['Alice', 'Bob'] to play. Only return the role.",
  );
  assert.equal(
    groupChat.selectSpeakerPrompt(agents.slice(1)),
    "Read the above conversation. Then select the next role from ['Bob'] to play. Only return the role.",
  );
});

test("a template with an unknown placeholder is rejected when it is used, with the fix", () => {
  const groupChat = new GroupChat({ agents: threeAgents(), selectSpeakerMessageTemplate: "Choose from {names}." });

  assert.throws(() => groupChat.selectSpeakerMsg(), {
    code: "invalid_option",
    message: /write `\{\{names\}\}` to keep it/,
  });
});

test("an agent without a description causes a warning where descriptions matter", () => {
  const groupChat = new GroupChat({ agents: [plainAgent("alice", { description: " " }), introducingAgent("bob")] });

  assert.match(warnings(() => groupChat.introductionsMsg()).join(), /agent `alice` has an empty description/);
});

test("an appended message gets its speaker's name and a text; the name of a function stays", () => {
  const [alice] = threeAgents();
  const groupChat = new GroupChat({ agents: [alice, introducingAgent("bob")] });

  groupChat.append({ role: "user", content: null, name: "x", tool_calls: [] }, alice);
  groupChat.append({ role: "function", content: "42", name: "double" }, alice);
  groupChat.append({ role: "tool", content: [{ type: "text", text: "hi" }] }, alice);
  assert.deepEqual(groupChat.messages, [
    { role: "user", content: "None", name: "alice", tool_calls: [] },
    { role: "function", content: "42", name: "double" },
    { role: "tool", content: [{ type: "text", text: "hi" }], name: "alice" },
  ]);

  groupChat.reset();
  assert.deepEqual(groupChat.messages, []);
});
