/** `run`: two agents, and one agent with a tool. */

import { Tool } from "mlflow-ag2/agents";
import { run, type RunResponse } from "mlflow-ag2/agents/run";
import { object, speaker, text, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const shout = new Tool((args: { text: string }) => args.text.toUpperCase(), { name: "shout", description: "Upper case", parameters: object({ text: text("a text") }) });
  const outcome = async (response: RunResponse) => ({ messages: await response.messages, summary: await response.summary });
  const pair = run(speaker("user"), { recipient: thinker(stage, "helper", "You help."), message: "Hello?", maxTurns: 1 });
  await pair.process();
  const single = run(thinker(stage, "single", "You shout."), { message: "Shout hi.", tools: [shout], maxTurns: 2 });
  await single.process();
  return { pair: await outcome(pair), single: await outcome(single) };
};
