/** After works: by agent, by name, to stay under a condition, at random, the group's own. */

import type { ConversableAgent } from "mlflow-ag2/agents";
import {
  AgentNameTarget,
  AgentTarget,
  ContextVariables,
  DefaultPattern,
  ExpressionAvailableCondition,
  ExpressionContextCondition,
  handoffsOf,
  initiateGroupChat,
  OnContextCondition,
  RandomAgentTarget,
  StayTarget,
  StringAvailableCondition,
  StringContextCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";
import { parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const count = (agent: unknown): void => {
    const { contextVariables } = agent as ConversableAgent;
    contextVariables["drafts"] = Number(contextVariables["drafts"] ?? 0) + 1;
  };
  const [one, two, three, four, five] = ["one", "two", "three", "four", "five"].map((name) =>
    agentWithModel(server, name, `You are ${name}.`, name === "three" ? { updateAgentStateBeforeReply: count } : {}),
  ) as [ConversableAgent, ConversableAgent, ConversableAgent, ConversableAgent, ConversableAgent];
  const hasDrafts = new StringContextCondition("drafts");
  handoffsOf(one).setAfterWork(new TerminateTarget()).setAfterWork(new AgentTarget(two));
  handoffsOf(two).setAfterWork(new AgentNameTarget("three"));
  handoffsOf(three).addAfterWorks([
    new OnContextCondition({ target: new RandomAgentTarget([three, four]) }),
    new OnContextCondition({
      target: new TerminateTarget(),
      condition: hasDrafts,
      available: new StringAvailableCondition("never_set"),
    }),
    new OnContextCondition({
      target: new TerminateTarget(),
      condition: hasDrafts,
      available: new ExpressionAvailableCondition("${drafts} > 9"),
    }),
    new OnContextCondition({ target: new StayTarget(), condition: new ExpressionContextCondition("${drafts} < 2") }),
  ]);
  handoffsOf(five).setAfterWork(new TerminateTarget());
  const empty = new ContextVariables();
  const outcome = await initiateGroupChat(
    new DefaultPattern({
      initialAgent: one,
      agents: [five, four, three, two, one],
      groupAfterWork: new AgentTarget(five),
      contextVariables: empty,
    }),
    { messages: "Start." },
  );
  return { ...parts(outcome), given: [outcome[1] === empty, empty.toDict()] };
};
