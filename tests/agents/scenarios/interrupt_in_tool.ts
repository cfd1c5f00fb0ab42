/** A tool that ends the chat. (In Python by `sys.exit`; here by the chat's AbortSignal.) */

import { registerFunction } from "mlflow-ag2/agents";
import {
  integerSchema,
  objectSchema,
  agentWithoutModel,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const stop = new AbortController();
  const leave = ({ code }: { code: number }): string => {
    stop.abort(new DOMException(String(code), "AbortError"));
    return "too late";
  };
  const helper = agentWithModel(server, "helper", "You leave.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(leave, {
    caller: helper,
    executor: user,
    description: "Ends the program",
    parameters: objectSchema({ code: integerSchema("exit code") }),
  });
  return { chat: await user.initiateChat(helper, { message: "Leave now.", signal: stop.signal }) };
};
