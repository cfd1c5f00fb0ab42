/** The same chat before and after more agents are made. (In Python a tracer comes in between.) */

import { type ConversableAgent, registerFunction } from "mlflow-ag2/agents";
import {
  objectSchema,
  agentWithoutModel,
  type ModelServer,
  textSchema,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

/** A helper that can call the tool `shout`, and a user that runs it. */
export function shouters(server: ModelServer): { helper: ConversableAgent; user: ConversableAgent } {
  const helper = agentWithModel(server, "helper", "You shout.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  const shout = (args: { text: string }): string => args.text.toUpperCase();
  registerFunction(shout, {
    caller: helper,
    executor: user,
    description: "Upper case",
    parameters: objectSchema({ text: textSchema("a text") }),
  });
  return { helper, user };
}

export const scenario: Scenario = async (server) => {
  const { helper, user } = shouters(server);
  const first = await user.initiateChat(helper, { message: "Shout hello." });
  shouters(server);
  const second = await user.initiateChat(helper, { message: "Shout hello." });
  return { before_any_new_agent: first, after_a_new_agent: second };
};
