/** Two agents with a model each. */

import { thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const cathy = thinker(stage, "cathy", "You are Cathy.");
  const joe = thinker(stage, "joe", "You are Joe.");
  return { chat: await joe.initiateChat(cathy, { message: "Tell me a joke.", maxTurns: 2 }) };
};
