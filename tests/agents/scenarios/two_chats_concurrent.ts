/** Two chats at the same time, of two pairs of agents; one has a tool. */

import { registerFunction } from "mlflow-ag2/agents";
import {
  objectSchema,
  agentWithoutModel,
  type ModelServer,
  textSchema,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

function pair(server: ModelServer, name: string) {
  return {
    helper: agentWithModel(server, `helper_${name}`, `You are helper ${name}.`),
    user: agentWithoutModel(`user_${name}`, UNTIL_TERMINATE),
  };
}

export const scenario: Scenario = async (server) => {
  const lookup = ({ key }: { key: string }): string => `value of ${key}`;
  const [a, b] = [pair(server, "A"), pair(server, "B")];
  registerFunction(lookup, {
    caller: a.helper,
    executor: a.user,
    description: "Looks a key up",
    parameters: objectSchema({ key: textSchema("a key") }),
  });
  const [A, B] = await Promise.all([
    a.user.initiateChat(a.helper, { message: "Question A." }),
    b.user.initiateChat(b.helper, { message: "Question B." }),
  ]);
  return { A, B };
};
