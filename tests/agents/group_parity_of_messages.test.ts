/**
 * The Python programs of tests/golden/extra whose subject is the messages of a group chat: stored, cleared, summarized,
 * of tools, and of a nested group chat.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ChatMessage,
  ConversableAgent,
  GroupChat,
  GroupChatManager,
  type GroupChatOptions,
} from "mlflow-ag2/agents";
import { clearHistoryCommand } from "mlflow-ag2/agents/clear-history";
import { setPrinter } from "mlflow-ag2/agents/console";
import { registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { messagesToString, resumeGroupChat } from "mlflow-ag2/agents/resume";
import { extraModel, extraResults, memory, plain } from "./extra_golden.js";
import { llmConfig } from "./golden.js";
import { saysTerminate, mute, speaking, holdToExtra } from "./group_parity_fixtures.js";

setPrinter(() => {});

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
