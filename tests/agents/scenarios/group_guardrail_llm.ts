/** Guardrails by a model on input and output, and a judgement that is not JSON. */

import { AgentTarget, DefaultPattern, initiateGroupChat, TerminateTarget } from "mlflow-ag2/agents/group";
import { LLMGuardrail, registerInputGuardrails, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { agentWithModel, configEntry, type Scenario } from "./fixtures.js";
import { attempt } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const config = configEntry(server, "gpt-4o");
  const team = (): DefaultPattern => {
    const adviser = agentWithModel(server, "adviser", "You advise.");
    const lawyer = agentWithModel(server, "lawyer", "You know law.");
    registerInputGuardrails(
      adviser,
      new LLMGuardrail({
        name: "money",
        condition: "The user asks for a bribe.",
        target: new TerminateTarget(),
        llmConfig: config,
      }),
    );
    registerOutputGuardrails(
      adviser,
      new LLMGuardrail({
        name: "law",
        condition: "The text is legal advice.",
        target: new AgentTarget(lawyer),
        llmConfig: config,
        activationMessage: "Ask the lawyer.",
      }),
    );
    return new DefaultPattern({ initialAgent: adviser, agents: [adviser, lawyer] });
  };
  const [chat, , last] = await initiateGroupChat(team(), { messages: "May I fell this tree?" });
  const [blocked, , last2] = await initiateGroupChat(team(), { messages: "Take this money." });
  return {
    chat,
    last: last.name,
    blocked,
    last2: last2.name,
    not_json: await attempt(() => initiateGroupChat(team(), { messages: "Hello?" })),
  };
};
