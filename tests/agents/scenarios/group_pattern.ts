/** A pattern with a handoff by the model, a tool that changes context variables, and an after work. */

import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  ReplyResult,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const triage = agentWithModel(server, "triage", "You triage.");
  const doctor = agentWithModel(server, "doctor", "You cure.");
  giveTool(
    triage,
    "note",
    "Writes a note down.",
    { text: textSchema("text") },
    ({ text }: { text: string }, { contextVariables }) =>
      new ReplyResult({
        message: `noted: ${text}`,
        contextVariables: { notes: Number(contextVariables["notes"] ?? 0) + 1 },
      }),
  );
  const condition = new StringLLMCondition("When a cure is needed");
  handoffsOf(triage).addLlmConditions([new OnCondition({ target: new AgentTarget(doctor), condition })]);
  handoffsOf(doctor).setAfterWork(new TerminateTarget());
  const pattern = new DefaultPattern({
    initialAgent: triage,
    agents: [triage, doctor],
    contextVariables: { notes: 0 },
  });
  return parts(await initiateGroupChat(pattern, { messages: "My head hurts.", maxRounds: 10 }));
};
