/** The same chat before and after more agents are made. (In Python a tracer comes in between.) */

import { registerFunction } from "mlflow-ag2/agents";
import { object, speaker, type Stage, text, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

/** A helper who can have texts shouted, and a user who does it. */
export function shouters(stage: Stage) {
  const helper = thinker(stage, "helper", "You shout.");
  const user = speaker("user", UNTIL_TERMINATE);
  const shout = (args: { text: string }): string => args.text.toUpperCase();
  registerFunction(shout, { caller: helper, executor: user, description: "Upper case", parameters: object({ text: text("a text") }) });
  return { helper, user };
}

export const twin: Twin = async (stage) => {
  const { helper, user } = shouters(stage);
  const first = await user.initiateChat(helper, { message: "Shout hello." });
  shouters(stage);
  const second = await user.initiateChat(helper, { message: "Shout hello." });
  return { before_any_new_agent: first, after_a_new_agent: second };
};
