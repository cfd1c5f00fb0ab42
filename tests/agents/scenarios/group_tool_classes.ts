/** Tools as objects, one under a second name, one with a schema of its own. */

import { Tool } from "mlflow-ag2/agents";
import { DefaultPattern, initiateGroupChat } from "mlflow-ag2/agents/group";
import { agentWithModel, objectSchema, type Scenario, textSchema } from "./fixtures.js";
import { giveTool } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const account = { owner: "Ada" };
  const clerk = agentWithModel(server, "clerk", "You work.");
  giveTool(clerk, "upper", "Upper case", { text: textSchema("text") }, ({ text }: { text: string }) => {
    return text.toUpperCase();
  });
  giveTool(
    clerk,
    "balance",
    "The balance.",
    { currency: { type: "string", default: "EUR", description: "currency" } },
    ({ currency }: { currency: string }) => `${account.owner} has 12 ${currency}`,
    [],
  );
  const properties = {
    a: { type: "integer", description: "left" },
    b: { type: "integer", default: 1, description: "right" },
  };
  const plus = ({ a, b }: { a: number; b: number }): number => a + b;
  const adder = new Tool(plus, {
    name: "add",
    description: "Adds two numbers",
    parameters: objectSchema(properties, ["a"]),
  });
  const renamed = new Tool(adder, { name: "sum_up" });
  const speller = new Tool(({ word }: { word: string }) => [...word], {
    name: "spell",
    description: "Spells",
    parameters: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
  });
  for (const tool of [adder, renamed]) clerk.registerForLlm()(tool);
  clerk.registerForLlm()(speller);
  const pattern = new DefaultPattern({ initialAgent: clerk, agents: [clerk] });
  const [chat] = await initiateGroupChat(pattern, { messages: "Work." });
  return { chat };
};
