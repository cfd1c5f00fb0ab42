/**
 * The Python programs of tests/golden/extra in TypeScript: the model gets the same requests, and the result is the
 * same. (The traced scenarios with group chats are parity scenarios, which run in every host.)
 */

import { test } from "node:test";
import { type ConversableAgent, GroupChat, GroupChatManager, type GroupChatOptions } from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import { extraModel, memory, plain } from "./extra_golden.js";
import { llmConfig } from "./golden.js";
import { mute, speaking, holdToExtra } from "./group_parity_fixtures.js";

setPrinter(() => {});

test("group_random: the transitions allow one speaker only", async () => {
  const model = extraModel("group_random");
  const [a, b, c] = [mute("a"), speaking("b", "You are b.", model), speaking("c", "You are c.", model)];
  const groupChat = new GroupChat({
    agents: [a, b, c],
    maxRound: 5,
    speakerSelectionMethod: "random",
    allowedOrDisallowedSpeakerTransitions: [
      [a, [c]],
      [c, [b]],
      [b, [c]],
    ],
    speakerTransitionsType: "allowed",
  });

  const chat = await a.initiateChat(new GroupChatManager({ groupChat }), { message: "Go." });

  holdToExtra("group_random", model, { chat, messages: groupChat.messages });
});

test('group_function: a function returns an agent, a method, "auto", and nothing', async () => {
  const model = extraModel("group_function");
  const a = mute("a", { description: "Asks." });
  const b = speaking("b", "You are b.", model);
  const c = speaking("c", "You are c.", model, { description: "Answers." });
  const asked: [string, number][] = [];
  const groupChat = new GroupChat({
    agents: [a, b, c],
    maxRound: 9,
    speakerSelectionMethod: (lastSpeaker, { messages }) => {
      asked.push([lastSpeaker.name, messages.length]);
      return ([c, "round_robin", "auto", null] as const)[asked.length - 1];
    },
  });
  const manager = new GroupChatManager({ groupChat, llmConfig: llmConfig(model) });

  const chat = await a.initiateChat(manager, { message: "Go." });

  holdToExtra("group_function", model, { chat, asked, last_speaker: manager.lastSpeaker?.name });
});

test("group_transitions: disallowed ones, no successor, an empty list, a message from outside", async () => {
  const model = extraModel("group_transitions");
  const team = () =>
    [
      mute("a", { systemMessage: "You are a." }),
      ...["b", "c", "d"].map((name) => speaking(name, `You are ${name}.`, model)),
    ] as const;
  type Team = ReturnType<typeof team>;
  const chat = async (
    message: string,
    options: (team: Team) => GroupChatOptions,
    initiator?: ConversableAgent,
  ): Promise<unknown> => {
    const agents = team();
    const manager = new GroupChatManager({ groupChat: new GroupChat(options(agents)), llmConfig: llmConfig(model) });
    return (initiator ?? agents[0]).initiateChat(manager, { message });
  };
  const group = (
    agents: ConversableAgent[],
    maxRound: number,
    transitions: [ConversableAgent, ConversableAgent[]][],
  ): GroupChatOptions => ({
    agents,
    maxRound,
    speakerSelectionMethod: "round_robin",
    allowedOrDisallowedSpeakerTransitions: new Map(transitions),
    speakerTransitionsType: "allowed",
  });

  holdToExtra("group_transitions", model, {
    disallowed: await chat("Disallowed.", ([a, b, c, d]) => ({
      ...group([a, b, c, d] as ConversableAgent[], 3, [
        [a, [a, d]],
        [b, [b, a]],
      ] as never),
      speakerSelectionMethod: "auto",
      speakerTransitionsType: "disallowed",
    })),
    nobody_after_b: await chat("Sink.", ([a, b, c, d]) =>
      group([a, b, c, d] as ConversableAgent[], 9, [
        [a, [c]],
        [c, [b]],
      ] as never),
    ),
    empty_list: await chat("Empty.", ([a, b, c, d]) =>
      group([a, b, c, d] as ConversableAgent[], 4, [
        [a, [c]],
        [c, []],
        [d, [b]],
        [b, [a]],
      ] as never),
    ),
    from_outside: await chat(
      "Outside.",
      ([, b, c, d]) =>
        group([b, c, d] as ConversableAgent[], 3, [
          [b, [d]],
          [d, [b]],
        ] as never),
      mute("outsider"),
    ),
  });
});

test("group_retries: if a model never names exactly one agent, the next in order speaks", async () => {
  const model = extraModel("group_retries");
  const chat = async (label: string, maxRetriesForSelectingSpeaker: number): Promise<unknown> => {
    const a = mute("a", { description: "Asks." });
    const lead = speaking("team_lead", "You lead.", model, { description: "Leads." });
    const c = speaking("c", "You are c.", model, { description: "Does." });
    const groupChat = new GroupChat({ agents: [a, lead, c], maxRound: 2, maxRetriesForSelectingSpeaker });
    return a.initiateChat(new GroupChatManager({ groupChat, llmConfig: llmConfig(model) }), {
      message: `Go: ${label}.`,
    });
  };

  holdToExtra("group_retries", model, {
    two_retries: await chat("two_retries", 2),
    no_retry: await chat("no_retry", 0),
  });
});

test("group_introductions: members are introduced at the start of every chat, also of one from outside", async () => {
  const model = extraModel("group_introductions");
  const user = mute("user");
  const poet = speaking("poet", "You rhyme.", model, { description: "Makes verses." });
  const critic = speaking("critic", "You judge.", model);
  const groupChat = new GroupChat({
    agents: [poet, critic],
    maxRound: 3,
    speakerSelectionMethod: "round_robin",
    sendIntroductions: true,
  });
  const host = new GroupChatManager({ groupChat, name: "host" });

  const first = await user.initiateChat(host, { message: "A verse on tea." });
  const remembered = plain(memory([poet, critic]));
  const second = await user.initiateChat(host, { message: "One on milk.", clearHistory: false });

  holdToExtra("group_introductions", model, { first, memory: remembered, second, messages: groupChat.messages });
});

test("group_role_user: another model selects, is prompted as the user, and may spell names differently", async () => {
  const model = extraModel("group_role_user");
  const admin = mute("Admin", { description: "The person who asks." });
  const cook = speaking("Head_cook", "You cook.", model, { description: "Cooks." });
  const waiter = speaking("O'Waiter", "You serve.", model, { description: "Serves." });
  const groupChat = new GroupChat({
    agents: [admin, cook, waiter],
    maxRound: 3,
    roleForSelectSpeakerMessages: "user",
    selectSpeakerAutoLlmConfig: llmConfig(model, "gpt-4o", { temperature: 0 }),
  });

  const chat = await admin.initiateChat(new GroupChatManager({ groupChat, llmConfig: llmConfig(model) }), {
    message: "Dinner, please.",
  });

  holdToExtra("group_role_user", model, { chat, messages: groupChat.messages });
});

test("group_templates: custom prompts for the selecting model, and none after the conversation", async () => {
  const model = extraModel("group_templates");
  const results: Record<string, unknown> = {};
  const prompts = { no_prompt: null, empty_prompt: "", own_prompt: "Who is next of {agentlist}? {roles} stays." };
  for (const [label, selectSpeakerPromptTemplate] of Object.entries(prompts)) {
    const a = mute("a", { description: "Asks." });
    const b = speaking("b", "You are b.", model, { description: "Builds." });
    const c = speaking("c", "You are c.", model, { description: "Checks." });
    const groupChat = new GroupChat({
      agents: [a, b, c],
      maxRound: 2,
      allowRepeatSpeaker: [b],
      selectSpeakerMessageTemplate: 'Choose from {agentlist}:\n{roles}\nAs {{"next": name}}.',
      selectSpeakerPromptTemplate,
      selectSpeakerAutoMultipleTemplate: "Too many of {agentlist}.",
      selectSpeakerAutoNoneTemplate: "None of {agentlist}.",
    });
    results[label] = await a.initiateChat(new GroupChatManager({ groupChat, llmConfig: llmConfig(model) }), {
      message: `Go: ${label}.`,
    });
    results[`${label}_is_none`] = groupChat.selectSpeakerPrompt() === null;
  }

  holdToExtra("group_templates", model, results);
});

test('group_manual: a person selects by number or not at all; after "manual" of a function a model does', async () => {
  const model = extraModel("group_manual");
  const chat = async (lines: string[], options: Partial<GroupChatOptions> = {}): Promise<unknown> => {
    const agents = ["a", "b", "c"].map((name) =>
      mute(name, { defaultAutoReply: `This is ${name}.`, description: name.toUpperCase() }),
    );
    const groupChat = new GroupChat({ agents, maxRound: 4, speakerSelectionMethod: "manual", ...options });
    const manager = new GroupChatManager({
      groupChat,
      llmConfig: llmConfig(model),
      getHumanInput: () => lines.shift() ?? "",
    });
    return (agents[0] as ConversableAgent).initiateChat(manager, { message: "Go." });
  };

  holdToExtra("group_manual", model, {
    number: await chat(["2", "1", "3"]),
    wrong: await chat(["x", "10", "0", "3", "q"]),
    nothing: await chat(["", "q", ""]),
    by_function: await chat(["q"], { maxRound: 2, speakerSelectionMethod: () => "manual" }),
  });
});

test("group_interrupted: the admin replaces an interrupted member; without an admin the chat fails", async () => {
  const model = extraModel("group_interrupted");
  const results: Record<string, unknown> = {};
  for (const [label, name] of [
    ["with_admin", "Admin"],
    ["without_admin", "boss"],
  ] as const) {
    const user = mute("user", { defaultAutoReply: "Hm." });
    const admin = mute(name, { defaultAutoReply: "I take over." });
    const coder = speaking("coder", "You code.", model);
    const groupChat = new GroupChat({
      agents: [user, coder, admin],
      maxRound: 5,
      speakerSelectionMethod: "round_robin",
    });
    const manager = new GroupChatManager({ groupChat });
    coder.registerReply(
      () => true,
      (_, messages) => [messages.length === 1 && manager.interrupt(), "too late"],
    );

    results[label] = await user
      .initiateChat(manager, { message: "Begin." })
      .catch((error: { code?: string }) => error.code);
    results[`${label}_messages`] = plain(groupChat.messages);
  }

  holdToExtra("group_interrupted", model, results);
});
