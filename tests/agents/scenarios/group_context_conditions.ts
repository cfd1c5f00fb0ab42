/** Handoffs by context variables, which are checked before a model is asked. */

import {
  AgentTarget,
  DefaultPattern,
  ExpressionContextCondition,
  handoffsOf,
  initiateGroupChat,
  OnContextCondition,
  ReplyResult,
  StringAvailableCondition,
  StringContextCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { agentWithModel, integerSchema, type Scenario } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const desk = agentWithModel(server, "desk", "You sort.");
  const nurse = agentWithModel(server, "nurse", "You nurse.");
  const ward = agentWithModel(server, "ward", "You keep beds.");
  giveTool(
    desk,
    "triage",
    "Sets the level.",
    { level: integerSchema("level") },
    ({ level }: { level: number }) =>
      new ReplyResult({ message: `level ${level}`, contextVariables: { level, seen: ["desk"] } }),
  );
  handoffsOf(desk).addContextConditions([
    new OnContextCondition({ target: new TerminateTarget(), condition: new StringContextCondition("closed") }),
    new OnContextCondition({
      target: new AgentTarget(ward),
      condition: new StringContextCondition("level"),
      available: new StringAvailableCondition("beds"),
    }),
    new OnContextCondition({
      target: new AgentTarget(nurse),
      condition: new ExpressionContextCondition("${level} >= 3 and len(${seen}) == 1"),
    }),
  ]);
  handoffsOf(nurse).addContextCondition(new OnContextCondition({ target: new AgentTarget(ward) }));
  handoffsOf(ward).addContextCondition(
    new OnContextCondition({ target: new TerminateTarget(), condition: new ExpressionContextCondition("not ${beds}") }),
  );
  const pattern = new DefaultPattern({
    initialAgent: desk,
    agents: [desk, nurse, ward],
    contextVariables: { level: 0, beds: 0, seen: [] },
  });
  return parts(await initiateGroupChat(pattern, { messages: "My arm is numb." }));
};
