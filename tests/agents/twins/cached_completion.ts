/** The same question twice with one cache: the second answer costs nothing. */

import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const helper = thinker(stage, "helper", "You help.");
  const user = speaker("user");
  const cache = new Map<string, string>();
  const first = await user.initiateChat(helper, { message: "Hello?", maxTurns: 1, cache });
  const second = await user.initiateChat(helper, { message: "Hello?", maxTurns: 1, cache });
  return { first, second };
};
