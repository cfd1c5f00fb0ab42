/** What tools may return, and what becomes of it for the model. */

import { registerFunction } from "mlflow-ag2/agents";
import { speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const tools = {
    give_int: () => 7,
    give_float: () => 2.0,
    give_bool: () => true,
    give_none: () => {},
    give_dict: () => ({ a: [1, null, true], b: "é" }),
    give_model: () => ({ x: 1, y: 0.5 }),
  };
  const assistant = thinker(stage, "assistant", "You collect.");
  const user = speaker("user", UNTIL_TERMINATE);
  for (const tool of Object.values(tools)) registerFunction(tool, { caller: assistant, executor: user, description: "Gives something" });
  return { chat: await user.initiateChat(assistant, { message: "Collect all." }) };
};
