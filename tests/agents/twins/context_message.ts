/** A system message made from context variables before each reply, and a hook that stamps messages before they are sent. */

import { UpdateSystemMessage } from "mlflow-ag2/agents";
import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const helper = thinker(stage, "helper", "unset", {
    contextVariables: { town: "Ulm" },
    updateAgentStateBeforeReply: [new UpdateSystemMessage("You are a guide of {town}.")],
  });
  const user = speaker("user");
  user.registerHook("processMessageBeforeSend", ({ sender, message }) => `[${sender.name}] ${String(message)}`);
  return { chat: await user.initiateChat(helper, { message: "What should I see?", maxTurns: 1 }) };
};
