/** A tool gets a copy of the variables: changes in place are lost, those of a `ReplyResult` are kept. */

import { ContextVariables, DefaultPattern, initiateGroupChat, ReplyResult } from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

interface Variables {
  n: number;
  list: string[];
  gone?: number;
}

export const scenario: Scenario = async (server) => {
  const same: boolean[] = [];
  const teller = agentWithModel(server, "teller", "You count.", { contextVariables: { own: "dropped" } });
  const mine = new ContextVariables({ n: 0, list: [], gone: 1 });
  const text = (variables: object): string =>
    Object.entries(variables)
      .map(([name, value]) => `${name}=${Array.isArray(value) ? listText(value) : String(value)}`)
      .join(", ");
  giveTool(teller, "emptied", "Gives back no variables.", {}, () => {
    return new ReplyResult({ message: "emptied", contextVariables: new ContextVariables() });
  });
  giveTool(teller, "in_place", "Changes in place.", {}, (_, { contextVariables }) => {
    const variables = contextVariables as unknown as Variables;
    same.push((variables as unknown) === mine.data || variables.list === mine.get("list"));
    variables.n += 10;
    variables.list.push("lost");
    return text(variables);
  });
  giveTool(teller, "returned", "Changes and gives back.", {}, (_, { contextVariables }) => {
    const variables = contextVariables as unknown as Variables;
    variables.n += 1;
    variables.list.push("kept");
    delete variables.gone;
    return new ReplyResult({ message: "returned", contextVariables });
  });
  giveTool(teller, "read", "Reads.", {}, (_, { contextVariables }) => text(contextVariables));
  const pattern = new DefaultPattern({ initialAgent: teller, agents: [teller], contextVariables: mine });
  const { chat, context } = parts(await initiateGroupChat(pattern, { messages: "Count." }));
  return { chat, context, same, agent: teller.contextVariables };
};

/** A list of texts in Python's notation. */
function listText(list: readonly unknown[]): string {
  return `[${list.map((each) => `'${String(each)}'`).join(", ")}]`;
}
