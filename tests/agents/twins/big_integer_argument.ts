/** A tool call with an integer beyond 64 bits. */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  // 2**70 is exact as a number of JavaScript; other integers of that size would be rounded by JSON.parse.
  const digits = ({ n }: { n: number }): number => String(BigInt(n)).length;
  const helper = thinker(stage, "helper", "You count digits.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(digits, { caller: helper, executor: user, description: "How many digits", parameters: object({ n: integer("a number") }) });
  return { chat: await user.initiateChat(helper, { message: "How many digits has 2**70?" }) };
};
