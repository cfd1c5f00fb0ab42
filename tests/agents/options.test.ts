/** Mistakes in options: misspelt names, names in Python's spelling, and values that an option cannot have. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssistantAgent,
  ConversableAgent,
  GroupChat,
  GroupChatManager,
  initiateChats,
  OpenAIWrapper,
  registerFunction,
  Tool,
  UserProxyAgent,
} from "mlflow-ag2/agents";
import {
  AgentTarget,
  AutoPattern,
  DefaultPattern,
  GroupChatTarget,
  initiateGroupChat,
  NestedChatTarget,
  OnCondition,
  OnContextCondition,
  ReplyResult,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { RegexGuardrail } from "mlflow-ag2/agents/guardrails";
import { runGroupChatIter } from "mlflow-ag2/agents/group-run";
import { registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { resumeGroupChat } from "mlflow-ag2/agents/resume";
import { run, runIter } from "mlflow-ag2/agents/run";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import { type Mistake, testThatEachIsRefused, untyped } from "../support/mistakes.js";

const target = new TerminateTarget();
const condition = new StringLLMCondition("The customer asks about a bill.");

/** The mistakes: the call, a part of the error's message, and its code if it is not `invalid_option`. */
const MISTAKES: readonly Mistake[] = [
  [
    "a misspelt option",
    () => new ConversableAgent(untyped({ name: "a", sytemMessage: "" })),
    "did you mean `systemMessage`?",
  ],
  [
    "swapped letters",
    () => new ConversableAgent(untyped({ name: "a", discription: "" })),
    "did you mean `description`?",
  ],
  [
    "Python's spelling",
    () => new AssistantAgent(untyped({ name: "a", system_message: "" })),
    "did you mean `systemMessage`?",
  ],
  ["another case", () => new UserProxyAgent(untyped({ name: "a", llmconfig: false })), "did you mean `llmConfig`?"],
  [
    "a part of a name",
    () => new ConversableAgent(untyped({ name: "a", termination: () => true })),
    "did you mean `isTerminationMsg`?",
  ],
  [
    "a name like no option's",
    () => new ConversableAgent(untyped({ name: "a", model: "m" })),
    "its options are `name`, `systemMessage`,",
  ],
  [
    "a mode in lower case",
    () => new ConversableAgent(untyped({ name: "a", humanInputMode: "never" })),
    '`humanInputMode` of `ConversableAgent` must be "ALWAYS" or "TERMINATE" or "NEVER", not `never`',
  ],
  [
    "a text for a flag",
    () => new ConversableAgent(untyped({ name: "a", silent: "yes" })),
    "`silent` of `ConversableAgent` must be true or false, not `yes`",
  ],
  [
    "a text for a number",
    () => new ConversableAgent(untyped({ name: "a", maxConsecutiveAutoReply: "3" })),
    "must be a whole number from 0 on, not `3`",
  ],
  [
    "an object for a function",
    () => new ConversableAgent(untyped({ name: "a", isTerminationMsg: {} })),
    "must be a function, not an object",
  ],
  [
    "a name before the options",
    () => Reflect.construct(ConversableAgent, ["alice", {}]) as object,
    "`ConversableAgent` takes an object of options, not `alice`: write `{ name: … }`",
  ],
  [
    "no options",
    () => Reflect.construct(AssistantAgent, []) as object,
    "`AssistantAgent` takes an object of options, not `undefined`",
  ],
  ["a list as options", () => Reflect.construct(GroupChat, [[plainAgent("a")]]) as object, "write `{ agents: … }`"],
  ["an option of a group chat", () => new GroupChat(untyped({ agents: [], max_round: 3 })), "did you mean `maxRound`?"],
  [
    "Python's word for the group chat",
    () => new GroupChatManager(untyped({ groupchat: {} })),
    "did you mean `groupChat`?",
  ],
  [
    "a text as a chat's options",
    () => plainAgent("a").initiateChat(plainAgent("b"), untyped("Hello.")),
    "`initiateChat` takes an object of options, not `Hello.`: write `{ message: … }`",
  ],
  [
    "a chat without recipient",
    () => plainAgent("a").initiateChat(untyped({ message: "Hello." })),
    "`recipient` must be an agent",
  ],
  [
    "an option of a chat",
    () => plainAgent("a").initiateChat(plainAgent("b"), { message: "Hi.", max_turns: 1 }),
    "did you mean `maxTurns`?",
  ],
  [
    "an option of a queue's chat",
    () => initiateChats(untyped([{ sender: plainAgent("a"), recipient: plainAgent("b"), clear_history: true }])),
    "`clear_history` is no option of `chat 0 of the queue`: did you mean `clearHistory`?",
  ],
  ["an option of a queue", () => initiateChats([], untyped({ signals: 1 })), "did you mean `signal`?"],
  [
    "an option of send",
    () => plainAgent("a").send("Hi.", plainAgent("b"), untyped({ request_reply: true })),
    "`request_reply` is no option of `send`: did you mean `requestReply`?",
  ],
  [
    "an option of receive",
    () => plainAgent("a").receive("Hi.", plainAgent("b"), untyped({ requestsReply: true })),
    "did you mean `requestReply`?",
  ],
  [
    "a list as the options of generateReply",
    () => plainAgent("a").generateReply(untyped([{ role: "user", content: "Hi." }])),
    "write `{ messages: … }`",
  ],
  [
    "an option of a reply function",
    () =>
      plainAgent("a").registerReply(
        () => true,
        () => [true, "Hi."],
        untyped({ pos: 1 }),
      ),
    "did you mean `position`?",
  ],
  [
    "an option of a tool",
    () => new Tool(() => 1, untyped({ name: "one", params: {} })),
    "`params` is no option of `Tool`: did you mean `parameters`?",
  ],
  [
    "an option of a tool for the model",
    () => agentWithScript("a", []).agent.registerForLlm(untyped({ api_style: "tool" }))(() => 1),
    "did you mean `apiStyle`?",
  ],
  [
    "an option of a tool for execution",
    () => plainAgent("a").registerForExecution(untyped({ names: "one" }))(() => 1),
    "did you mean `name`?",
  ],
  ["an option of registerFunction", () => registerFunction(() => 1, untyped({ callers: 1 })), "did you mean `caller`?"],
  [
    "a setting of a model",
    () => new OpenAIWrapper({ model: "m", baseURL: "http://localhost" }),
    "`baseURL` in `llmConfig` is called `baseUrl` here",
    "invalid_config",
  ],
  [
    "a misspelt setting",
    () => new OpenAIWrapper({ configList: [{ model: "m", apiKy: "x" }] }),
    "is called `apiKey` here",
    "invalid_config",
  ],
  ["a misspelt model", () => new OpenAIWrapper({ modle: "m" }), "is called `model` here", "invalid_config"],
  [
    "a parameter in camelCase",
    () => new OpenAIWrapper({ model: "m", apiKey: "x", maxTokens: 5 }),
    "did you mean `max_tokens`?",
    "invalid_config",
  ],
  [
    "an option of a model call",
    () =>
      new OpenAIWrapper({ model: "m", client: new ScriptedModel([]) }).create(
        { messages: [] },
        untyped({ cache_seed: 1 }),
      ),
    "did you mean `cacheSeed`?",
  ],
  [
    "an option of a pattern",
    () => new AutoPattern(untyped({ agents: [], groupManagerArgs: {} })),
    "its options are `initialAgent`",
  ],
  [
    "Python's option of a pattern",
    () => new DefaultPattern(untyped({ initial_agent: 1 })),
    "`initial_agent` is no option of `Pattern`: did you mean `initialAgent`?",
  ],
  [
    "an option of a group's chat",
    () => initiateGroupChat(somePattern(), untyped({ messages: "Hi.", max_rounds: 3 })),
    "did you mean `maxRounds`?",
  ],
  ["a text as a group's options", () => initiateGroupChat(somePattern(), untyped("Hi.")), "write `{ messages: … }`"],
  [
    "an option of a group's run",
    () => runGroupChatIter(somePattern(), untyped({ messages: "Hi.", yield_on: [] })),
    "did you mean `yieldOn`?",
  ],
  [
    "an option of a handoff",
    () => new OnCondition(untyped({ target, condition, availability: true })),
    "`OnCondition`: its options are `target`, `condition`, `available`",
  ],
  [
    "an option of a context handoff",
    () => new OnContextCondition(untyped({ targets: target })),
    "did you mean `target`?",
  ],
  [
    "an option of a guardrail",
    () => new RegexGuardrail(untyped({ name: "n", target, condition: "x", activation_message: "" })),
    "did you mean `activationMessage`?",
  ],
  [
    "an option of a nested target",
    () => new NestedChatTarget(untyped({ chat_queue: [] })),
    "did you mean `chatQueue`?",
  ],
  [
    "an option of a group target",
    () => new GroupChatTarget(untyped({ pattern: somePattern(), maxRound: 3 })),
    "did you mean `maxRounds`?",
  ],
  [
    "an option of a result",
    () => new ReplyResult(untyped({ message: "m", context_variables: {} })),
    "did you mean `contextVariables`?",
  ],
  [
    "an option of a nested chat",
    () => registerNestedChats(plainAgent("a"), untyped([{ recipient: plainAgent("b"), maxTurn: 1 }]), () => true),
    "`maxTurn` is no option of `nested chat 0`: did you mean `maxTurns`?",
  ],
  [
    "an option of nested chats",
    () => registerNestedChats(plainAgent("a"), [], () => true, untyped({ postion: 1 })),
    "did you mean `position`?",
  ],
  [
    "an option of a run",
    () => run(plainAgent("a"), untyped({ message: "Hi.", user_input: true })),
    "did you mean `userInput`?",
  ],
  [
    "an option of a run step by step",
    () => runIter(plainAgent("a"), untyped({ message: "Hi.", yield_on: [] })),
    "did you mean `yieldOn`?",
  ],
  [
    "an option of a resumed chat",
    () => resumeGroupChat(untyped({}), untyped({ messages: [], remove_termination_string: "x" })),
    "did you mean `removeTerminationString`?",
  ],
  [
    "a field of a script's step",
    () => new ScriptedModel(untyped([{ contents: "Hi." }])),
    "`contents` is no option of `step 1 of the script`: did you mean `content`?",
  ],
  [
    "a step with none of the fields",
    () => new ScriptedModel(untyped([{ content: "Hi." }, { text: "Hi." }])),
    "`text` is no option of `step 2 of the script`",
  ],
  [
    "a text as a step",
    () => new ScriptedModel(untyped(["Hi."])),
    "`step 1 of the script` takes an object of options, not `Hi.`: write `{ content: … }`",
  ],
  ["tool calls in camelCase", () => new ScriptedModel(untyped([{ toolCalls: [] }])), "did you mean `tool_calls`?"],
  [
    "a misspelt condition",
    () => new ScriptedModel(untyped([{ match: { last_line: "x" } }])),
    "`last_line` is no option of `match in step 1 of the script`",
  ],
  [
    "a step in place of a script",
    () => new ScriptedModel(untyped({ content: "Hi." })),
    "`content` is no option of `the script`: its options are `responses`",
  ],
];

function somePattern(): DefaultPattern {
  const agent = plainAgent("a");
  return new DefaultPattern({ initialAgent: agent, agents: [agent] });
}

testThatEachIsRefused(MISTAKES, "AgentError", "invalid_option");

test("options that are undefined or null are options that are not given", () => {
  const agent = new ConversableAgent(untyped({ name: "a", humanInputMode: undefined, sytemMessage: undefined }));

  assert.equal(agent.humanInputMode, "TERMINATE");
  assert.doesNotThrow(() => new ConversableAgent(untyped({ name: "a", description: null, silent: null })));
});

test("a chat passes options of the program's own to its message function", async () => {
  const seen: unknown[] = [];
  const { agent } = agentWithScript("bot", [{ content: "Yes." }]);
  await plainAgent("user").initiateChat(agent, {
    message: (_, __, extra) => {
      seen.push(extra);
      return "Is it so?";
    },
    topic: "weather",
    maxTurns: 1,
    silent: true,
  });

  assert.deepEqual(seen, [{ topic: "weather" }]);
});

test("a client of the program's own gets parameters under any name", () => {
  const client = new ScriptedModel([]);

  assert.doesNotThrow(() => new OpenAIWrapper({ model: "m", client, maxOutputTokens: 5 }));
});

test("a script may have notes beside its fields", () => {
  const step = { content: "Hi.", because: "the user says hello", headers: { "retry-after": "1" } };

  assert.doesNotThrow(() => new ScriptedModel({ responses: [step], models: ["m"], description: "a greeting" }));
});

test("an agent target takes an agent, not options", () => {
  assert.doesNotThrow(() => new AgentTarget(plainAgent("a")));
});
