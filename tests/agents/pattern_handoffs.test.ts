/** Handoffs of agents in groups by patterns, where AG2 fails by accident and elsewhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentError } from "mlflow-ag2/agents";
import {
  AgentTarget,
  AskUserTarget,
  AutoPattern,
  ContextStrLLMCondition,
  ContextVariables,
  ExpressionContextCondition,
  FunctionTarget,
  GroupManagerTarget,
  GroupChatTarget,
  handoffsOf,
  NestedChatTarget,
  OnCondition,
  OnContextCondition,
  RandomPattern,
  ReplyResult,
  RevertToUserTarget,
  StringAvailableCondition,
  StringLLMCondition,
  TerminateTarget,
  type TransitionTarget,
} from "mlflow-ag2/agents/group";
import { setPrinter } from "mlflow-ag2/agents/console";
import { plainAgent } from "./agent_fixtures.js";
import { calls, converse, give, patternOf, speaker, texts } from "./pattern_fixtures.js";

const byModel = (target: TransitionTarget, prompt = "Go"): OnCondition =>
  new OnCondition({ target, condition: new StringLLMCondition(prompt) });

test("an unavailable handoff that the model calls all the same is refused, and the model reads that there is none", async () => {
  const { agent: red } = speaker("red", calls("transfer_to_blue_1"), "I stay, then.");
  const { agent: blue } = speaker("blue", "Blue.");
  const available = new StringAvailableCondition("isOpen");
  const condition = new StringLLMCondition("To blue");
  handoffsOf(red).add(new OnCondition({ target: new AgentTarget(blue), condition, available }));
  assert.deepEqual(texts(await converse(patternOf([red, blue]))), [
    "-: Begin.",
    "red: None",
    "_Group_Tool_Executor: Error: Function transfer_to_blue_1 not found.",
    "red: I stay, then.",
  ]);
});

test("the handoff of another agent is refused", async () => {
  const { agent: red } = speaker("red", calls("transfer_to_red_1"), "Red.");
  const { agent: blue } = speaker("blue");
  handoffsOf(blue).add(byModel(new AgentTarget(red)));
  assert.equal(
    texts(await converse(patternOf([red, blue])))[2],
    "_Group_Tool_Executor: Error: Function transfer_to_red_1 not found.",
  );
});

test("a handoff becomes available when the variables say so, and its prompt has their values", async () => {
  const { agent: red, model } = speaker("red", calls("open"), calls("transfer_to_blue_1"));
  const { agent: blue } = speaker("blue", "Blue.");
  give(red, "open", () => new ReplyResult({ message: "opened", contextVariables: { isOpen: true, who: "Ada" } }));
  handoffsOf(red).add(
    new OnCondition({
      target: new AgentTarget(blue),
      condition: new ContextStrLLMCondition("{who} is here"),
      available: new StringAvailableCondition("isOpen"),
    }),
  );
  assert.equal(texts(await converse(patternOf([red, blue]))).at(-1), "blue: Blue.");
  const offered = model.requests.map(({ tools = [] }) =>
    tools.map((tool) => tool["function"] as { description: string }),
  );
  assert.deepEqual(
    offered.map((tools) => tools.map(({ description }) => description)),
    [["open"], ["open", "Ada is here"]],
  );
});

test("two agents run their own tools of one name", async () => {
  const { agent: owl } = speaker("owl", calls("look"), "Done.");
  const { agent: bat } = speaker("bat");
  for (const agent of [owl, bat]) give(agent, "look", () => `${agent.name} looks`);
  assert.equal(texts(await converse(patternOf([owl, bat])))[2], "_Group_Tool_Executor: owl looks");
});

test("a variable that does not exist counts as none, and no comparison with it by size holds", async () => {
  const { agent } = speaker("a", "Still here.");
  for (const expression of ["${gone} > 1", "${gone} <= 1", "${gone}", "len(${gone}) > 0", "${constructor}"])
    handoffsOf(agent).add(
      new OnContextCondition({ target: new TerminateTarget(), condition: new ExpressionContextCondition(expression) }),
    );
  assert.equal(texts(await converse(patternOf([agent], { contextVariables: { k: 1 } }))).at(-1), "a: Still here.");
});

test("a placeholder without a variable stays in the prompt of a handoff, with one warning", async () => {
  const { agent, model } = speaker("a", "Here.", "Here.");
  const condition = new ContextStrLLMCondition("{gone} wants {k}");
  handoffsOf(agent).add(new OnCondition({ target: new TerminateTarget(), condition }));
  const lines: string[] = [];
  const restore = console.warn;
  console.warn = (line: string) => void lines.push(line);
  try {
    await converse(patternOf([agent], { contextVariables: { k: 1 } }));
  } finally {
    console.warn = restore;
  }
  const [tool] = model.requests[0]?.tools ?? [];
  assert.equal((tool?.["function"] as { description?: string } | undefined)?.description, "{gone} wants 1");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /`gone`/);
});

test("the group's manager is the target of a handoff by the model", async () => {
  const { agent: red } = speaker("red", calls("transfer_to_the_group_manager_1"));
  const { agent: blue } = speaker("blue", "Blue.");
  const { agent: selecting } = speaker("selecting", "blue");
  handoffsOf(red).add(byModel(new GroupManagerTarget()));
  const groupManagerOptions = { llmConfig: selecting.llmConfig };
  assert.equal(texts(await converse(patternOf([red, blue], { groupManagerOptions }))).at(-1), "blue: Blue.");
});

test("a function is the target of a handoff by the model and by variables", async () => {
  const { agent: blue } = speaker("blue", "Blue.", "Blue.");
  const route = new FunctionTarget((_, variables) => {
    variables.set("isRouted", true);
    return { target: new AgentTarget(blue), messages: "To you." };
  });
  const { agent: red } = speaker("red", calls("transfer_to_function_1"));
  handoffsOf(red).add(byModel(route));
  const { agent: green } = speaker("green");
  handoffsOf(green).add(new OnContextCondition({ target: route }));
  for (const agent of [red, green]) {
    const outcome = await converse(patternOf([agent, blue]));
    assert.equal(texts(outcome).at(-1), "blue: Blue.");
    assert.equal(outcome[1].get("isRouted"), true);
  }
});

test("nested chats of one agent, by the model and by variables, are numbered on, and run in a second chat too", async () => {
  const { agent: facts } = speaker("facts", "True.", "True.", "True.", "True.");
  const { agent: editor } = speaker(
    "editor",
    calls("transfer_to_wrapped_nested_editor_1_1"),
    "Printed.",
    calls("transfer_to_wrapped_nested_editor_1_1"),
    "Printed.",
  );
  const chatQueue = [{ recipient: facts, message: "Is it true?", maxTurns: 1 }];
  const isLate = new ExpressionContextCondition("${isLate}");
  handoffsOf(editor)
    .add(byModel(new NestedChatTarget({ chatQueue })))
    .add(new OnContextCondition({ target: new NestedChatTarget({ chatQueue }), condition: isLate }));
  for (let chat = 0; chat < 2; chat++)
    assert.deepEqual(texts(await converse(patternOf([editor]))).slice(-2), [
      "wrapped_nested_editor_1: True.",
      "editor: Printed.",
    ]);
});

test("an inner group chat begins with its messages, else with the last text before the handoff", async () => {
  for (const [messages, expected] of [
    ["Debate.", "Debate."],
    [undefined, "Begin."],
  ] as const) {
    const { agent: pro, model } = speaker("pro", "Yes.");
    const { agent: chief } = speaker("chief", calls("transfer_to_wrapped_group_chief_1_1"), "Decided.");
    handoffsOf(chief).add(byModel(new GroupChatTarget({ pattern: patternOf([pro]), messages })));
    assert.deepEqual(texts(await converse(patternOf([chief]))).slice(-2), [
      "wrapped_group_chief_1: Yes.",
      "chief: Decided.",
    ]);
    assert.equal(model.requests[0]?.messages.at(-1)?.content, expected);
  }
});

test("an error of an inner group chat is its reply", async () => {
  const { agent: pro } = speaker("pro");
  const { agent: chief } = speaker("chief", calls("transfer_to_wrapped_group_chief_1_1"), "Decided.");
  handoffsOf(pro).add(new OnContextCondition({ target: new RevertToUserTarget() }));
  handoffsOf(chief).add(byModel(new GroupChatTarget({ pattern: patternOf([pro]) })));
  assert.match(
    texts(await converse(patternOf([chief]))).at(-2) ?? "",
    /^wrapped_group_chief_1: Error running group chat: a `Revert/,
  );
});

test("a pattern at random never lets an agent follow itself", async () => {
  const agents = ["a", "b", "c"].map((name) => plainAgent(name, { defaultAutoReply: name }));
  const pattern = new RandomPattern({ initialAgent: agents[0]!, agents });
  const [{ chatHistory }] = await converse(pattern, { maxRounds: 30 });
  const names = chatHistory.slice(1).map(({ name }) => name);
  assert.equal(names.length, 29);
  assert.ok(names.every((name, index) => name !== names[index + 1]));
});

test("a person selects the next speaker where a handoff asks for it", async () => {
  const { agent: red } = speaker("red", "Red.");
  const { agent: blue } = speaker("blue", "Blue.");
  handoffsOf(red).setAfterWork(new AskUserTarget());
  // The executor is the first of the list.
  const groupManagerOptions = { getHumanInput: () => "3" };
  assert.equal(texts(await converse(patternOf([red, blue], { groupManagerOptions }))).at(-1), "blue: Blue.");
});

test("a model of an agent is enough for a pattern whose manager selects", async () => {
  const { agent: red } = speaker("red", "Red.", "blue", "TERMINATE");
  const blue = plainAgent("blue", { defaultAutoReply: "Blue.", description: "" });
  const outcome = await converse(new AutoPattern({ initialAgent: red, agents: [red, blue] }), { maxRounds: 3 });
  assert.equal(texts(outcome).at(-1), "blue: Blue.");
  assert.equal(blue.description, "Agent blue");
});

test("an agent that leads out of the group, or that the group lacks, is refused before the chat", async () => {
  const { agent: red } = speaker("red");
  const { agent: stranger } = speaker("stranger");
  handoffsOf(red).setAfterWork(new AgentTarget(stranger));
  const isRefused = (error: unknown): boolean => error instanceof AgentError && error.code === "invalid_option";
  await assert.rejects(converse(patternOf([red])), isRefused);
  assert.throws(() => patternOf([red], { initialAgent: stranger }), isRefused);
  await assert.rejects(converse(patternOf([stranger]), { maxRounds: -1 }), isRefused);
  await assert.rejects(converse(patternOf([stranger]), { messages: [] }), isRefused);
});

test("a tool gets a copy of the variables, in which objects of classes stay themselves", async () => {
  class Order {
    total(): number {
      return 7;
    }
  }
  const order = new Order();
  const variables = new ContextVariables({ order, list: [{ n: 1 }], at: new Map([["x", [1]]]) });
  const { agent } = speaker("a", calls("read"), "Read.");
  let seen: unknown;
  give(agent, "read", (_: unknown, { contextVariables, agent: caller }) => {
    const given = contextVariables as { order: Order; list: { n: number }[]; at: Map<string, number[]> };
    seen = [given.order.total(), given.order === order, given.list === variables.get("list"), caller.name];
    given.list[0]!.n = 2;
    given.at.get("x")?.push(2);
    return "ok";
  });
  const [, after] = await converse(patternOf([agent], { contextVariables: variables }));
  assert.deepEqual(seen, [7, true, false, "a"]);
  assert.equal(after, variables);
  assert.deepEqual(after.toDict(), { order, list: [{ n: 1 }], at: new Map([["x", [1]]]) });
});

test("an aborted signal ends the chat with its reason", async () => {
  const controller = new AbortController();
  const { agent } = speaker("a", calls("stop"), "Never.");
  give(agent, "stop", () => controller.abort(new RangeError("enough")));
  await assert.rejects(converse(patternOf([agent]), { signal: controller.signal }), /enough/);
});

test("handoffs are printed as in AG2", async () => {
  const { agent: red } = speaker("red", calls("transfer_to_blue_1"));
  const { agent: blue } = speaker("blue", calls("pass"));
  const { agent: green } = speaker("green");
  green.silent = false;
  handoffsOf(red).add(byModel(new AgentTarget(blue)));
  give(blue, "pass", () => new ReplyResult({ message: "passed", target: new AgentTarget(green) }));
  const isMet = new ExpressionContextCondition("not ${gone}");
  handoffsOf(green).add(new OnContextCondition({ target: new AgentTarget(red), condition: isMet }));
  handoffsOf(red).setAfterWork(new TerminateTarget());
  red.registerReply(
    () => true,
    (_, messages) => [messages.length > 1, "The end."],
  );
  const lines: string[] = [];
  const restore = setPrinter((line) => lines.push(line));
  await converse(patternOf([red, blue, green]), { silent: false });
  restore();
  assert.deepEqual(
    lines.filter((line) => line.startsWith("***** ") && / handoff| transition/.test(line)),
    [
      "***** LLM-based OnCondition handoff (red): blue *****",
      "***** ReplyResult transition (blue): green *****",
      "***** OnContextCondition handoff (green): red *****",
      "***** AfterWork handoff (red): Terminate *****",
    ],
  );
});
