/** A handoff that starts an inner group chat with variables of its own, and comes back. */

import {
  AgentTarget,
  ContextVariables,
  DefaultPattern,
  GroupChatTarget,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  ReplyResult,
  StringLLMCondition,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const chief = agentWithModel(server, "chief", "You lead.");
  const pro = agentWithModel(server, "pro", "You are for it.");
  const con = agentWithModel(server, "con", "You are against it.");
  giveTool(
    con,
    "vote",
    "Votes.",
    { side: textSchema("side") },
    ({ side }: { side: string }, { contextVariables }) =>
      new ReplyResult({
        message: `voted ${side}`,
        contextVariables: { votes: [...(contextVariables["votes"] as string[]), side] },
      }),
  );
  handoffsOf(pro).setAfterWork(new AgentTarget(con));
  const inner = new ContextVariables({ votes: [] });
  const target = new GroupChatTarget({
    pattern: new DefaultPattern({ initialAgent: pro, agents: [pro, con], contextVariables: inner }),
    maxRounds: 9,
  });
  const condition = new StringLLMCondition("A debate is needed");
  handoffsOf(chief).addLlmCondition(new OnCondition({ target, condition }));
  const pattern = new DefaultPattern({
    initialAgent: chief,
    agents: [chief],
    contextVariables: { votes: ["outer"] },
  });
  const outcome = await initiateGroupChat(pattern, { messages: "Shall we move?", maxRounds: 9 });
  return {
    ...parts(outcome),
    "usual constructor": "works",
    inner: inner.toDict(),
    names: handoffsOf(chief).llmConditions.map(({ llmFunctionName }) => llmFunctionName),
  };
};
