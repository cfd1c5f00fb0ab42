/** A tool whose name differs from its function's. */

import {
  objectSchema,
  agentWithoutModel,
  textSchema,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const implV2 = ({ query }: { query: string }): string => `3 hits for ${query}`;
  const helper = agentWithModel(server, "helper", "You search.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  helper.registerForLlm({
    name: "search",
    description: "Searches",
    parameters: objectSchema({ query: textSchema("what to look for") }),
  })(implV2);
  user.registerForExecution({ name: "search" })(implV2);
  return { chat: await user.initiateChat(helper, { message: "Find owls." }) };
};
