/** Two chats at the same time, of two pairs of agents; one has a tool. */

import { registerFunction } from "mlflow-ag2/agents";
import { object, speaker, type Stage, text, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

function pair(stage: Stage, name: string) {
  return { helper: thinker(stage, `helper_${name}`, `You are helper ${name}.`), user: speaker(`user_${name}`, UNTIL_TERMINATE) };
}

export const twin: Twin = async (stage) => {
  const lookup = ({ key }: { key: string }): string => `value of ${key}`;
  const [a, b] = [pair(stage, "A"), pair(stage, "B")];
  registerFunction(lookup, { caller: a.helper, executor: a.user, description: "Looks a key up", parameters: object({ key: text("a key") }) });
  const [A, B] = await Promise.all([a.user.initiateChat(a.helper, { message: "Question A." }), b.user.initiateChat(b.helper, { message: "Question B." })]);
  return { A, B };
};
