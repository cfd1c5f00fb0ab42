/**
 * Tools of handoffs that do not exist, and that are another agent's; invalid JSON. In the Python program the handoff
 * to blue is not available, and runs all the same; here it would be refused, so that it is open.
 */

import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  StringAvailableCondition,
  StringLLMCondition,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const red = agentWithModel(server, "red", "You are red.");
  const blue = agentWithModel(server, "blue", "You are blue.");
  const grey = agentWithModel(server, "grey", "You are grey.");
  handoffsOf(red).addLlmCondition(
    new OnCondition({
      target: new AgentTarget(blue),
      condition: new StringLLMCondition("To blue"),
      available: new StringAvailableCondition("blue_open"),
    }),
  );
  handoffsOf(blue).addLlmCondition(
    new OnCondition({ target: new AgentTarget(grey), condition: new StringLLMCondition("To grey") }),
  );
  const pattern = new DefaultPattern({
    initialAgent: red,
    agents: [red, blue, grey],
    contextVariables: { blue_open: true },
  });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Go." });
  return { chat, last: last.name };
};
