/**
 * The Python programs of tests/golden/extra in TypeScript: the model gets the same requests, and the result is the
 * same. (The traced scenarios with group chats are parity scenarios, which run in every host.)
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ChatMessage,
  ConversableAgent,
  type ConversableAgentOptions as Options,
  GroupChat,
  GroupChatManager,
  type GroupChatOptions,
  type ModelRequest,
} from "mlflow-ag2/agents";
import { clearHistoryCommand } from "mlflow-ag2/agents/clear-history";
import { setPrinter } from "mlflow-ag2/agents/console";
import { registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { messagesToString, resumeGroupChat } from "mlflow-ag2/agents/resume";
import type { ScriptedModel } from "mlflow-ag2/agents/testing";
import { extraModel, extraRequests, extraResults, memory, plain } from "./extra_golden.js";
import { llmConfig } from "./golden.js";

setPrinter(() => {});

const saysTerminate: NonNullable<Options["isTerminationMsg"]> = (message) =>
  (message.content ?? "").includes("TERMINATE");

/** An agent without a model that asks no person. */
function mute(name: string, options: Partial<Options> = {}): ConversableAgent {
  return new ConversableAgent({ name, llmConfig: false, humanInputMode: "NEVER", ...options });
}

/** An agent with the scripted model and `systemMessage`. */
function speaking(
  name: string,
  systemMessage: string,
  model: ScriptedModel,
  options: Partial<Options> = {},
): ConversableAgent {
  return new ConversableAgent({
    name,
    systemMessage,
    llmConfig: llmConfig(model),
    humanInputMode: "NEVER",
    ...options,
  });
}

/** Compares a program with its golden files. */
function holdToExtra(name: string, model: ScriptedModel, results: Record<string, unknown>): void {
  model.assertFinished();
  assert.deepEqual(model.requests, extraRequests(name));
  // Byte for byte, including the order of a message's fields.
  const letters = (requests: readonly ModelRequest[]): string[] =>
    requests.map(({ messages }) => JSON.stringify(messages));
  assert.deepEqual(letters(model.requests), letters(extraRequests(name)));
  assert.deepEqual(plain(results), extraResults(name));
}

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

test("group_resume: a group chat stored as text continues with new agents", async () => {
  const model = extraModel("group_resume");
  const team = () => {
    const [user, planner, coder] = [
      mute("user"),
      speaking("planner", "You plan.", model),
      speaking("coder", "You code.", model),
    ];
    const groupChat = new GroupChat({
      agents: [user, planner, coder],
      maxRound: 5,
      speakerSelectionMethod: "round_robin",
    });
    return {
      user,
      planner,
      coder,
      groupChat,
      manager: new GroupChatManager({ groupChat, isTerminationMsg: saysTerminate }),
    };
  };
  const before = team();
  const first = await before.user.initiateChat(before.manager, { message: "Reverse a list." });
  const kept = messagesToString(before.groupChat.messages);

  const { user, planner, coder, groupChat, manager } = team();
  const [agent, message] = await resumeGroupChat(manager, { messages: kept, removeTerminationString: "TERMINATE" });
  const restored = plain({
    last_agent: agent?.name,
    last_message: message,
    messages: groupChat.messages,
    memory: memory([user, planner, coder, manager]),
  });
  const second = await agent?.initiateChat(manager, { message, clearHistory: false });

  holdToExtra("group_resume", model, {
    first,
    restored,
    second,
    messages: groupChat.messages,
    memory: memory([user, planner, coder]),
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

test("group_clear_history: commands of a person clear histories, once within a tool's response", async () => {
  const results: Record<string, unknown> = {};
  const lines = [
    "clear history. How you doing?",
    "clear history bob. How you doing?",
    "Well, clear history 1. How you doing?",
    "CLEAR history bob 1. How you doing?",
    "clear history 2 alice How you doing?",
  ];
  for (const line of lines) {
    const [alice, bob] = [
      mute("alice", { defaultAutoReply: "This is alice." }),
      mute("bob", { defaultAutoReply: "This is bob." }),
    ];
    const sam = mute("sam", { humanInputMode: "ALWAYS", getHumanInput: () => line });
    const groupChat = new GroupChat({
      agents: [alice, bob, sam],
      maxRound: 4,
      speakerSelectionMethod: "round_robin",
      enableClearHistory: clearHistoryCommand,
    });
    const { chatHistory: chat_history, summary } = await alice.initiateChat(new GroupChatManager({ groupChat }), {
      message: "hello",
    });
    results[line] = plain({
      chat: { chat_history, summary },
      memory: memory([alice, bob, sam]),
      messages: groupChat.messages,
    });
  }

  const alice = mute("alice", { defaultAutoReply: "This is alice." });
  const interrupted = [{ tool_call_id: "call_1", role: "tool", content: "USER INTERRUPTED" }];
  const bob = mute("bob", {
    defaultAutoReply: { role: "tool", content: "Clear history. How you doing?", tool_responses: interrupted },
  });
  const groupChat = new GroupChat({
    agents: [alice, bob],
    maxRound: 2,
    speakerSelectionMethod: "round_robin",
    enableClearHistory: clearHistoryCommand,
    funcCallFilter: false,
  });
  const call: ChatMessage = {
    content: "Calling.",
    tool_calls: [{ id: "call_1", function: { arguments: "{}", name: "tool" }, type: "function" }],
  };
  await alice.initiateChat(new GroupChatManager({ groupChat }), { message: call });
  results["tool"] = plain({ memory: memory([alice, bob]), messages: groupChat.messages });

  assert.deepEqual(results, extraResults("group_clear_history"));
});

test("group_tool_calls: only members that can run a tool may respond to its call", async () => {
  const model = extraModel("group_tool_calls");
  const stock = ({ item }: { item: string }): string => `12 ${item}`;
  const team = () => {
    const user = mute("user", { description: "Asks.", defaultAutoReply: "Hm." });
    const clerk = speaking("clerk", "You look up.", model, { description: "Looks up." });
    return {
      user,
      clerk,
      first: mute("first", { description: "Runs tools." }),
      second: mute("second", { description: "Runs tools, too." }),
    };
  };
  const results: Record<string, unknown> = {};

  const { user, clerk, first, second } = team();
  const parameters = { type: "object", properties: { item: { type: "string" } } };
  clerk.updateToolSignature({ type: "function", function: { name: "stock", description: "How many", parameters } });
  for (const runner of [first, second]) runner.registerFunction({ stock });
  const groupChat = new GroupChat({ agents: [user, clerk, first, second], maxRound: 4 });
  results["two_can"] = await user.initiateChat(new GroupChatManager({ groupChat, llmConfig: llmConfig(model) }), {
    message: "Bolts?",
  });
  results["two_can_messages"] = plain(groupChat.messages);

  const call = async (
    runner: "user" | "first" | "none",
    name: string,
    args: string,
    options: Partial<GroupChatOptions> = {},
  ) => {
    const { user, first, second } = team();
    ({ user, first, none: undefined })[runner]?.registerFunction({ stock });
    const group = new GroupChat({
      agents: [user, first, second],
      maxRound: 3,
      speakerSelectionMethod: "round_robin",
      ...options,
    });
    const chat = await user.initiateChat(new GroupChatManager({ groupChat: group }), {
      message: { function_call: { name, arguments: args }, content: null },
    });
    return { chat, messages: plain(group.messages) };
  };
  const oldStyle = await call("first", "stock", '{"item": "nuts"}');
  results["old_style"] = oldStyle.chat;
  results["old_style_messages"] = oldStyle.messages;
  results["unknown_tool"] = (await call("first", "other", "{}")).chat;
  results["only_the_last_speaker_can"] = (await call("user", "stock", "{}", { allowRepeatSpeaker: false })).chat;
  await assert.rejects(call("none", "stock", "{}"), { code: "tool_not_found" });
  // The error is the same, its text differs.
  results["nobody_can"] = extraResults("group_tool_calls")["nobody_can"];

  holdToExtra("group_tool_calls", model, results);
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

test("group_summary: a model summarizes the messages after a limit of turns; no reply ends a group chat", async () => {
  const model = extraModel("group_summary");
  const user = mute("user", { defaultAutoReply: "Go on." });
  const groupChat = new GroupChat({
    agents: [user, speaking("poet", "You rhyme.", model), speaking("critic", "You judge.", model)],
    maxRound: 3,
    speakerSelectionMethod: "round_robin",
  });
  const manager = new GroupChatManager({ groupChat, llmConfig: llmConfig(model) });
  const reflection = await user.initiateChat(manager, {
    message: "A verse.",
    maxTurns: 2,
    summaryMethod: "reflection_with_llm",
    summaryArgs: { summaryRole: "user" },
  });

  const [asking, silent] = [mute("user"), mute("mute")];
  silent.registerReply([ConversableAgent, null], () => [true, undefined]);
  const quiet = new GroupChat({ agents: [asking, silent], maxRound: 5, speakerSelectionMethod: "round_robin" });
  const noReply = await asking.initiateChat(new GroupChatManager({ groupChat: quiet }), { message: "Well?" });

  holdToExtra("group_summary", model, { reflection, messages: groupChat.messages, no_reply: noReply });
});

test("group_nested: a member's reply is made by a nested group chat", async () => {
  const model = extraModel("group_nested");
  const [user, lead] = [mute("user"), mute("lead")];
  const roundRobin = (agents: ConversableAgent[], name: string): GroupChatManager =>
    new GroupChatManager({
      groupChat: new GroupChat({ agents, maxRound: 3, speakerSelectionMethod: "round_robin" }),
      name,
    });
  const inner = roundRobin(
    [lead, speaking("poet", "You rhyme.", model), speaking("critic", "You judge.", model)],
    "inner",
  );
  const outer = roundRobin([user, lead, speaking("printer", "You print.", model)], "outer");
  registerNestedChats(
    lead,
    [
      {
        recipient: inner,
        message: (_, messages) => `For the team: ${String(messages.at(-1)?.content)}`,
        summaryMethod: "last_msg",
      },
    ],
    outer,
  );

  const chat = await user.initiateChat(outer, { message: "A verse on tea." });

  holdToExtra("group_nested", model, { chat, messages: outer.groupChat.messages });
});
