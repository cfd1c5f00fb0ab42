/**
 * A system message made from context variables before each reply, and a hook that stamps messages before they are
 * sent.
 */

import { UpdateSystemMessage } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "unset", {
    contextVariables: { town: "Ulm" },
    updateAgentStateBeforeReply: [new UpdateSystemMessage("You are a guide of {town}.")],
  });
  const user = agentWithoutModel("user");
  user.registerHook("processMessageBeforeSend", ({ sender, message }) => `[${sender.name}] ${String(message)}`);
  return { chat: await user.initiateChat(helper, { message: "What should I see?", maxTurns: 1 }) };
};
