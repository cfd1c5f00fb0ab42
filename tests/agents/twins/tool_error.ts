/** A tool throws; the model reads it and tries again. */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const root = ({ x }: { x: number }): number => {
    if (x < 0) throw new RangeError(`no real root of ${x}`);
    return Math.trunc(Math.sqrt(x));
  };
  const assistant = thinker(stage, "assistant", "You calculate.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(root, { caller: assistant, executor: user, description: "The square root", parameters: object({ x: integer("a number") }) });
  return { chat: await user.initiateChat(assistant, { message: "What is the root of -4, and of 4?" }) };
};
