/** Guardrails by regular expressions, on the input of one agent and the output of another. */

import { AgentTarget, DefaultPattern, handoffsOf, initiateGroupChat, TerminateTarget } from "mlflow-ag2/agents/group";
import { RegexGuardrail, registerInputGuardrails, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { agentWithModel, type Scenario } from "./fixtures.js";
import { attempt } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const writer = agentWithModel(server, "writer", "You write.");
  const censor = agentWithModel(server, "censor", "You replace secrets.");
  const printer = agentWithModel(server, "printer", "You print.");
  registerOutputGuardrails(
    writer,
    new RegexGuardrail({
      name: "digits",
      condition: "\\d{4,}",
      target: new AgentTarget(censor),
      activationMessage: "A number leaked.",
    }),
  );
  registerOutputGuardrails(
    writer,
    new RegexGuardrail({ name: "never", condition: "code", target: new TerminateTarget() }),
  );
  registerInputGuardrails(printer, [
    new RegexGuardrail({ name: "other", condition: /^zzz/, target: new AgentTarget(writer) }),
    new RegexGuardrail({ name: "rude", condition: "(?i)stupid", target: new TerminateTarget() }),
  ]);
  handoffsOf(writer).setAfterWork(new AgentTarget(printer));
  handoffsOf(censor).setAfterWork(new AgentTarget(printer));
  const pattern = new DefaultPattern({ initialAgent: writer, agents: [writer, censor, printer] });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Write a letter." });
  return {
    chat,
    last: last.name,
    bad: await attempt(() => void new RegexGuardrail({ name: "bad", condition: "(", target: new TerminateTarget() })),
  };
};
