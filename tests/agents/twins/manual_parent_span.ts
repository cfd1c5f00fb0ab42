/** One question and its answer. (In Python within a span of the user's own.) */

import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  return { chat: await speaker("user").initiateChat(thinker(stage, "helper", "You help."), { message: "Hello?", maxTurns: 1 }) };
};
