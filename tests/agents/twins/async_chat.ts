/** A chat with one tool that takes its time and one that does not. */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const slow_double = async ({ x }: { x: number }): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return 2 * x;
  };
  const increment = ({ x }: { x: number }): number => x + 1;
  const parameters = object({ x: integer("a number") });
  const assistant = thinker(stage, "assistant", "You calculate.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(slow_double, { caller: assistant, executor: user, description: "Twice the number, slowly", parameters });
  registerFunction(increment, { caller: assistant, executor: user, description: "The number plus one", parameters });
  return { chat: await user.initiateChat(assistant, { message: "Double 20 and add one." }) };
};
