/** An error of a registered reply function ends the chat. */

import { ConversableAgent } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

class RuntimeError extends Error {
  override name = "RuntimeError";
}

export const scenario: Scenario = async (server) => {
  const broken = agentWithoutModel("broken");
  const helper = agentWithModel(server, "helper", "You count.");
  broken.registerReply([ConversableAgent, null], () => {
    throw new RuntimeError("the reply function broke");
  });
  return { chat: await broken.initiateChat(helper, { message: "one", maxTurns: 2 }) };
};
