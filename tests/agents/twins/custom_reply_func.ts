/** An agent whose replies come from a registered function. */

import { ConversableAgent } from "mlflow-ag2/agents";
import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const echo = speaker("echo");
  const helper = thinker(stage, "helper", "You count.");
  echo.registerReply([ConversableAgent, null], (_, messages) => [
    true,
    { content: `echo: ${String(messages.at(-1)?.content)}`, metadata: { length: messages.length } },
  ]);
  return { chat: await echo.initiateChat(helper, { message: "one", maxTurns: 2 }) };
};
