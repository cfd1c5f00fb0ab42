/** `run`: two agents, and one agent with a tool. */

import { Tool } from "mlflow-ag2/agents";
import { run, type RunResponse } from "mlflow-ag2/agents/run";
import { objectSchema, agentWithoutModel, textSchema, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const shout = new Tool((args: { text: string }) => args.text.toUpperCase(), {
    name: "shout",
    description: "Upper case",
    parameters: objectSchema({ text: textSchema("a text") }),
  });
  const outcome = async (response: RunResponse) => ({
    messages: await response.messages,
    summary: await response.summary,
  });
  const pair = run(agentWithoutModel("user"), {
    recipient: agentWithModel(server, "helper", "You help."),
    message: "Hello?",
    maxTurns: 1,
  });
  await pair.process();
  const single = run(agentWithModel(server, "single", "You shout."), {
    message: "Shout hi.",
    tools: [shout],
    maxTurns: 2,
  });
  await single.process();
  return { pair: await outcome(pair), single: await outcome(single) };
};
