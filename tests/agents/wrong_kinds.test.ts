/** Arguments of a wrong kind, as a program without types may give them, are refused at once with the fix. */

import {
  AssistantAgent,
  ConversableAgent,
  GroupChat,
  initiateChats,
  observe,
  OpenAIClient,
  OpenAIWrapper,
  registerFunction,
  Tool,
} from "mlflow-ag2/agents";
import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnContextCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { runGroupChat } from "mlflow-ag2/agents/group-run";
import { registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { resumeGroupChat } from "mlflow-ag2/agents/resume";
import { run } from "mlflow-ag2/agents/run";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { agentWithScript, plainAgent } from "./agent_fixtures.js";
import { type Mistake, testThatEachIsRefused, untyped } from "../support/mistakes.js";

const one = (): number => 1;
const withModel = (llmConfig: unknown): AssistantAgent =>
  new AssistantAgent({ name: "a", llmConfig: untyped(llmConfig) });
const tool = (more: object): unknown =>
  registerFunction(
    one,
    untyped({ name: "one", caller: agentWithScript("a", []).agent, executor: plainAgent("b"), ...more }),
  );
const chat = (more: object): unknown =>
  plainAgent("a").initiateChat(plainAgent("b"), untyped({ message: "Hi.", maxTurns: 1, ...more }));

const MISTAKES: readonly Mistake[] = [
  ["an agent without a name", () => new ConversableAgent(untyped({})), "an agent needs a `name`", "invalid_name"],
  ["a model's name as config", () => withModel("gpt-4o"), 'write `{ model: "gpt-4o-mini" }`', "invalid_config"],
  ["a list as config", () => withModel([{ model: "m" }]), "write `{ configList: […] }`", "invalid_config"],
  ["true as config", () => withModel(true), "`llmConfig` must be an object, or false", "invalid_config"],
  [
    "an object as the list of models",
    () => withModel({ configList: { model: "m" } }),
    "must be a list of models",
    "invalid_config",
  ],
  [
    "a key with a line break",
    () => withModel({ model: "m", apiKey: "abc\n" }),
    "`apiKey` in `llmConfig` must be a text",
    "invalid_config",
  ],
  [
    "a number as key",
    () => withModel({ model: "m", apiKey: 5 }),
    "`apiKey` in `llmConfig` must be a text",
    "invalid_config",
  ],
  ["a misspelt option of a client", () => new OpenAIClient(untyped({ apiKey: "x", baseURL: "/" })), "`baseUrl`?"],
  ["a group without agents", () => new GroupChat(untyped({})), "`agents` must be a list of agents"],
  ["names as the agents of a group", () => new GroupChat({ agents: untyped(["a", "b"]) }), "must be a list of agents"],
  ["an agent as the agents of a group", () => new GroupChat({ agents: untyped(plainAgent("a")) }), "a list of agents"],
  ["a pattern without agents", () => new DefaultPattern(untyped({})), "a pattern needs `agents`"],
  ["an id as context", () => chat({ context: "tr-1" }), "`context` of `initiateChat` must be a span, or the `context`"],
  [
    "a controller as signal",
    () => chat({ signal: new AbortController() }),
    "an `AbortSignal`, such as `controller.signal`",
  ],
  ["a chat as the queue of chats", () => initiateChats(untyped({})), "`chatQueue` must be a list of chats"],
  [
    "a name as recipient in a queue",
    () => initiateChats([untyped({ sender: plainAgent("a"), recipient: "b", message: "Hi." })]),
    "chat 0 of the queue has no `recipient`: give it an agent",
  ],
  ["a name as recipient", () => plainAgent("a").send("Hi.", untyped("b")), "`recipient` must be an agent"],
  ["a text as messages", () => plainAgent("a").generateReply({ messages: untyped("Hi.") }), "must be a list"],
  [
    "a trigger without a function",
    () => plainAgent("a").registerReply(() => true, untyped(undefined)),
    "`registerReply`",
  ],
  ["a list of functions", () => plainAgent("a").registerFunction(untyped([one])), "an object of functions by name"],
  [
    "a function in place of a map",
    () => plainAgent("a").registerFunction(untyped(one)),
    "an object of functions by name",
  ],
  ["a text as function", () => plainAgent("a").registerFunction({ one: untyped("one") }), "a tool needs a function"],
  [
    "a misspelt option of a map",
    () => plainAgent("a").registerFunction({}, untyped({ silent: true })),
    "`silentOverride`",
  ],
  ["a function in place of options", () => plainAgent("a").registerForExecution(untyped(one)), "not a function: write"],
  ["a function in place of the model's options", () => plainAgent("a").registerForLlm(untyped(one)), "not a function"],
  ["a tool without a caller", () => tool({ caller: undefined }), "`registerFunction` needs the `caller`"],
  ["a name as caller", () => tool({ caller: "a" }), "`caller` of `registerFunction` must be an agent, not `a`"],
  ["properties as parameters", () => tool({ parameters: { a: { type: "number" } } }), "the JSON Schema of an object"],
  ["a text as parameters", () => tool({ parameters: "a" }), "the JSON Schema of an object"],
  ["options in place of a tool's function", () => new Tool(untyped({ name: "one" })), "a tool needs a function"],
  [
    "a text as the messages of a model",
    () => new OpenAIWrapper({ model: "m", client: new ScriptedModel([]) }).create(untyped({ messages: "Hi." })),
    "`messages` must be a list of messages",
  ],
  ["a number as observer", () => observe(untyped(5)), "an observer is an object"],
  ["a name as target", () => new AgentTarget(untyped("a")), "for a name there is `AgentNameTarget`"],
  ["an object as prompt", () => new StringLLMCondition(untyped({ prompt: "x" })), "`prompt` must be a text"],
  [
    "a text as condition",
    () => new OnContextCondition({ target: new TerminateTarget(), condition: untyped("x") }),
    "`condition` must be a condition over variables",
  ],
  ["a name in place of an agent", () => handoffsOf(untyped("a")), "`handoffsOf(agent)`"],
  ["a text as pattern", () => initiateGroupChat(untyped("a"), { messages: "Hi." }), "`pattern` must be a pattern"],
  [
    "a text as the pattern of a run",
    () => runGroupChat(untyped("a"), { messages: "Hi." }),
    "`pattern` must be a pattern",
  ],
  [
    "a text as the agent of a run",
    () => run(untyped("a"), { message: "Hi." }),
    "`agent` must be an agent: `run(agent, options)`",
  ],
  [
    "an agent to resume",
    () => resumeGroupChat(untyped(plainAgent("a")), { messages: [] }),
    "must be a `GroupChatManager`",
  ],
  [
    "a name with nested chats",
    () => registerNestedChats(untyped("a"), [], () => true),
    "takes an agent, a list of chats",
  ],
  [
    "a nested chat that is no list",
    () => registerNestedChats(plainAgent("a"), untyped({}), () => true),
    "a list of chats",
  ],
];

testThatEachIsRefused(MISTAKES, "AgentError", "invalid_option");
