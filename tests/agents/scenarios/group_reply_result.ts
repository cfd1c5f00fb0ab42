/** What tools of a group return: results with variables and a target, a target alone, values, an error. */

import {
  AgentTarget,
  ContextVariables,
  DefaultPattern,
  initiateGroupChat,
  ReplyResult,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const meter = "laser";
  const builder = agentWithModel(server, "builder", "You build.");
  const painter = agentWithModel(server, "painter", "You paint.");
  giveTool(builder, "as_dict", "Gives a dict.", {}, () => ({ a: [1, null, true], b: "é" }));
  giveTool(builder, "nothing", "Gives nothing.", {}, () => undefined);
  giveTool(builder, "fails", "Fails.", { reason: textSchema("reason") }, ({ reason }: { reason: string }) => {
    throw new Error(`no ${reason}`);
  });
  giveTool(builder, "ask_painter", "Hands over to the painter.", {}, () => new AgentTarget(painter));
  giveTool(
    builder,
    "measure",
    "Measures a room.",
    { room: textSchema("which room"), unit: { type: "string", default: "m", description: "unit" } },
    ({ room, unit }: { room: string; unit: string }, { contextVariables }) => {
      contextVariables["rooms"] = Number(contextVariables["rooms"]) + 1;
      return new ReplyResult({ message: `${room}: 4 ${unit} by ${meter}`, contextVariables: { last_room: room } });
    },
    ["room"],
  );
  giveTool(painter, "finish", "Ends the work.", { words: textSchema("words") }, ({ words }: { words: string }) => {
    return new ReplyResult({
      message: words,
      target: new TerminateTarget(),
      contextVariables: new ContextVariables(),
    });
  });
  const mine = new ContextVariables({ rooms: 0 });
  const pattern = new DefaultPattern({ initialAgent: builder, agents: [builder, painter], contextVariables: mine });
  const outcome = await initiateGroupChat(pattern, { messages: "Do the hall." });
  const same_object =
    outcome[1] === mine && builder.contextVariables === mine.data && painter.contextVariables === mine.data;
  return { ...parts(outcome), same_object };
};
