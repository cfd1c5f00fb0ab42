/** What a registered reply function throws ends the chat. */

import { ConversableAgent } from "mlflow-ag2/agents";
import { speaker, thinker, type Twin } from "./stage.js";

class RuntimeError extends Error {
  override name = "RuntimeError";
}

export const twin: Twin = async (stage) => {
  const broken = speaker("broken");
  const helper = thinker(stage, "helper", "You count.");
  broken.registerReply([ConversableAgent, null], () => {
    throw new RuntimeError("the reply function broke");
  });
  return { chat: await broken.initiateChat(helper, { message: "one", maxTurns: 2 }) };
};
