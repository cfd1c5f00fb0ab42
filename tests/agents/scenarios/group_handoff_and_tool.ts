/** A handoff and another tool in one completion, and two handoffs in one. */

import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import type { ConversableAgent } from "mlflow-ag2/agents";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { giveTool } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const scale = agentWithModel(server, "scale", "You weigh.");
  const truck = agentWithModel(server, "truck", "You drive.");
  const ship = agentWithModel(server, "ship", "You sail.");
  giveTool(scale, "weigh", "Weighs a thing.", { what: textSchema("what") }, ({ what }: { what: string }) => {
    return `${what} weighs 3 kg`;
  });
  const to = (agent: ConversableAgent, prompt: string): OnCondition =>
    new OnCondition({ target: new AgentTarget(agent), condition: new StringLLMCondition(prompt) });
  handoffsOf(scale).addMany([to(truck, "By road"), to(ship, "By sea")]);
  handoffsOf(truck).add(to(scale, "Weigh again")).setAfterWork(new TerminateTarget());
  handoffsOf(ship).add(to(truck, "Land")).setAfterWork(new TerminateTarget());
  const pattern = new DefaultPattern({ initialAgent: scale, agents: [scale, truck, ship] });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Send a box." });
  return { chat, last: last.name };
};
