/** The same two agents chat twice; the second chat keeps the history. */

import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const helper = thinker(stage, "helper", "You help.");
  const user = speaker("user");
  const first = await user.initiateChat(helper, { message: "My name is Ada.", maxTurns: 1 });
  const second = await user.initiateChat(helper, { message: "What is my name?", maxTurns: 1, clearHistory: false });
  return { first, second };
};
