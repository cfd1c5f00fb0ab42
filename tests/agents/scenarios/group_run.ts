/** The events of a run, what it results in, and a run that fails. */

import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  OnCondition,
  OnContextCondition,
  ReplyResult,
  StringContextCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { runGroupChat } from "mlflow-ag2/agents/group-run";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { describeEvent } from "./group_events.js";
import { giveTool } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const team = (): DefaultPattern => {
    const waiter = agentWithModel(server, "waiter", "You wait.");
    const cook = agentWithModel(server, "cook", "You cook.");
    giveTool(waiter, "book", "Books a table.", { day: textSchema("day") }, ({ day }: { day: string }) => {
      return new ReplyResult({ message: `booked ${day}`, contextVariables: { booked: true } });
    });
    handoffsOf(waiter).add(
      new OnContextCondition({ target: new AgentTarget(cook), condition: new StringContextCondition("booked") }),
    );
    const condition = new StringLLMCondition("Ask the guest");
    handoffsOf(cook)
      .add(new OnCondition({ target: new AgentTarget(waiter), condition }))
      .setAfterWork(new TerminateTarget());
    return new DefaultPattern({ initialAgent: waiter, agents: [waiter, cook] });
  };
  const response = runGroupChat(team(), { messages: "A table, please.", maxRounds: 12 });
  const events: unknown[] = [];
  for await (const event of response) events.push(describeEvent(event));
  const failing: unknown[] = [];
  try {
    const messages = [{ role: "user", name: "stranger", content: "Hi" }];
    for await (const event of runGroupChat(team(), { messages })) failing.push(describeEvent(event));
  } catch (error) {
    failing.push(`raised ${(error as Error).name}: ${(error as Error).message}`);
  }
  return {
    events,
    summary: await response.summary,
    messages: await response.messages,
    last: await response.lastSpeaker,
    context: (await response.contextVariables).toDict(),
    cost: await response.cost,
    failing,
  };
};
