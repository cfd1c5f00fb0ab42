/** An async tool; its second call fails. */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const half = async ({ x }: { x: number }): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (x % 2) throw new RangeError(`${x} is odd`);
    return x / 2;
  };
  const assistant = thinker(stage, "assistant", "You calculate.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(half, { caller: assistant, executor: user, description: "Half of the number", parameters: object({ x: integer("an even number") }) });
  return { chat: await user.initiateChat(assistant, { message: "Half of 42?" }) };
};
