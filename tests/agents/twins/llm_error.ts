/** After one good round the server refuses the request, which ends the chat. */

import { registerFunction } from "mlflow-ag2/agents";
import { object, speaker, text, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const load = ({ name }: { name: string }): string => `text of ${name}`;
  const assistant = thinker(stage, "assistant", "You read.");
  const user = speaker("user");
  registerFunction(load, { caller: assistant, executor: user, description: "Loads a document", parameters: object({ name: text("a document") }) });
  return { chat: await user.initiateChat(assistant, { message: "Read the manual." }) };
};
