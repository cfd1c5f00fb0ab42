/** A tool that ends everything. (In Python by `sys.exit`; here by the chat's AbortSignal.) */

import { registerFunction } from "mlflow-ag2/agents";
import { integer, object, speaker, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const stop = new AbortController();
  const leave = ({ code }: { code: number }): string => {
    stop.abort(new DOMException(String(code), "AbortError"));
    return "too late";
  };
  const helper = thinker(stage, "helper", "You leave.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(leave, { caller: helper, executor: user, description: "Ends the program", parameters: object({ code: integer("exit code") }) });
  return { chat: await user.initiateChat(helper, { message: "Leave now.", signal: stop.signal }) };
};
