/** What a group refuses: foreign agents, missing users and models, targets in the wrong places, bad messages. */

import type { ConversableAgent } from "mlflow-ag2/agents";
import {
  AgentNameTarget,
  AgentTarget,
  AutoPattern,
  ContextStrLLMCondition,
  DefaultPattern,
  ExpressionContextCondition,
  FunctionTarget,
  GroupChatTarget,
  GroupManagerTarget,
  handoffsOf,
  initiateGroupChat,
  NestedChatTarget,
  OnCondition,
  OnContextCondition,
  type PatternOptions,
  RandomAgentTarget,
  RevertToUserTarget,
  StringLLMCondition,
  TerminateTarget,
  type TransitionTarget,
} from "mlflow-ag2/agents/group";
import { RegexGuardrail, registerInputGuardrails, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { agentWithModel, agentWithoutModel, llmConfig, type Scenario } from "./fixtures.js";
import { attempt } from "./group_fixtures.js";

type Preparation = (agent: ConversableAgent) => unknown;

export const scenario: Scenario = async (server) => {
  const agent = (name = "a"): ConversableAgent => agentWithModel(server, name);
  const stranger = agent("stranger");
  const chatQueue = [{ recipient: stranger, message: "x", maxTurns: 1 }];
  const nested = new NestedChatTarget({ chatQueue });
  const inner = new GroupChatTarget({
    pattern: new DefaultPattern({ initialAgent: stranger, agents: [stranger] }),
    messages: "x",
    maxRounds: 3,
  });
  const route = (): { target: TransitionTarget } => ({ target: new TerminateTarget() });
  const functionTarget = new FunctionTarget(route);
  const llm = (target: TransitionTarget): Preparation => {
    return (a) => handoffsOf(a).add(new OnCondition({ target, condition: new StringLLMCondition("Go") }));
  };
  const context = (target: TransitionTarget): Preparation => {
    return (a) => handoffsOf(a).add(new OnContextCondition({ target }));
  };
  const after = (target: TransitionTarget): Preparation => {
    return (a) => handoffsOf(a).setAfterWork(target);
  };
  const guardrail = (target: TransitionTarget): RegexGuardrail =>
    new RegexGuardrail({ name: "g", condition: "x", target });
  const end = new TerminateTarget();
  const cases: Record<string, Preparation> = {
    "llm to stranger": llm(new AgentTarget(stranger)),
    "context to stranger": context(new AgentNameTarget("stranger")),
    "after work to stranger": after(new AgentTarget(stranger)),
    "random with stranger": after(new RandomAgentTarget([stranger])),
    "guardrail to stranger": (a) => registerInputGuardrails(a, guardrail(new AgentTarget(stranger))),
    "revert without user": after(new RevertToUserTarget()),
    "manager without llm": after(new GroupManagerTarget()),
    "manager by llm condition": llm(new GroupManagerTarget()),
    "nested after work": after(nested),
    "group after work": after(inner),
    "function by context": context(functionTarget),
    "function by llm": llm(functionTarget),
    "missing variable": (a) =>
      handoffsOf(a).add(
        new OnContextCondition({ target: end, condition: new ExpressionContextCondition("${gone} > 1") }),
      ),
    "missing template variable": (a) =>
      handoffsOf(a).add(new OnCondition({ target: end, condition: new ContextStrLLMCondition("{gone}") })),
    "handoff without llm": llm(end),
    "guardrail on tool call": (a) => registerOutputGuardrails(a, guardrail(end)),
  };
  const outcome = async (pattern: DefaultPattern, messages: Messages, maxRounds?: number): Promise<unknown> => {
    const [{ chatHistory }, , { name }] = await initiateGroupChat(pattern, { messages, maxRounds });
    return [...chatHistory.map(({ content }) => content), name];
  };
  const out: Record<string, unknown> = {};
  for (const [label, prepare] of Object.entries(cases)) {
    const a = label === "handoff without llm" ? agentWithoutModel("a") : agent();
    prepare(a);
    const options =
      label === "manager by llm condition" ? { groupManagerOptions: { llmConfig: llmConfig(server) } } : {};
    out[label] = await attempt(() =>
      outcome(
        new DefaultPattern({ initialAgent: a, agents: [a], contextVariables: { k: 1 }, ...options }),
        `case: ${label}`,
        4,
      ),
    );
  }
  const one = (more: Partial<PatternOptions> = {}): DefaultPattern => {
    const a = agent();
    return new DefaultPattern({ initialAgent: a, agents: [a], ...more });
  };
  const refused: Record<string, () => unknown> = {
    "auto without llm": () => {
      const a = agentWithoutModel("a");
      return outcome(new AutoPattern({ initialAgent: a, agents: [a] }), "x");
    },
    "auto with an agent's llm only": () => {
      const a = agent();
      return outcome(new AutoPattern({ initialAgent: a, agents: [a] }), "x", 2);
    },
    "groupchat in manager args": () => outcome(one({ groupManagerOptions: { groupChat: null } as never }), "x"),
    "first message of a stranger": () => outcome(one(), [{ name: "stranger", content: "x" }]),
    "later message of a stranger": () =>
      outcome(one(), [
        { name: "a", content: "x" },
        { name: "stranger", content: "y" },
      ]),
    "nested by llm and context": () => {
      const a = agent();
      const again = new NestedChatTarget({ chatQueue });
      context(again)(a);
      llm(again)(a);
      return outcome(new DefaultPattern({ initialAgent: a, agents: [a] }), "x", 2);
    },
    "no messages": () => outcome(one(), []),
    "same names": () => {
      const a = agent();
      return outcome(new DefaultPattern({ initialAgent: a, agents: [a, agent()] }), "x");
    },
    "initial agent outside": () => outcome(new DefaultPattern({ initialAgent: stranger, agents: [agent()] }), "x"),
    "max_rounds 1": () => outcome(one(), "x", 1),
    "termination text first": () => outcome(one(), "TERMINATE"),
    "handoffs.add": () => handoffsOf(agent()).add("x" as never),
    "handoffs.add_llm_condition": () => handoffsOf(agent()).addLlmCondition("x" as never),
    "handoffs.set_after_work": () => handoffsOf(agent()).setAfterWork("x" as never),
    "space in name": () => agent("a b"),
  };
  for (const [label, call] of Object.entries(refused)) out[label] = await attempt(call);
  return out;
};

type Messages = Parameters<typeof initiateGroupChat>[1]["messages"];
