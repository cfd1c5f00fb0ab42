/** Several handoffs by the model, whose tools follow the context variables. */

import {
  AgentTarget,
  ContextStrLLMCondition,
  DefaultPattern,
  ExpressionAvailableCondition,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  ReplyResult,
  StayTarget,
  StringAvailableCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const desk = agentWithModel(server, "desk", "You are the desk.");
  const bank = agentWithModel(server, "bank", "You are the bank.");
  giveTool(desk, "login", "Logs a customer in.", { name: textSchema("name") }, ({ name }: { name: string }) => {
    return new ReplyResult({
      message: `hello ${name}`,
      contextVariables: { user: name, logged_in: true, tries: 2 },
    });
  });
  handoffsOf(desk).addLlmConditions([
    new OnCondition({
      target: new AgentTarget(bank),
      condition: new StringLLMCondition("Money matters"),
      available: new StringAvailableCondition("logged_in"),
    }),
    new OnCondition({
      target: new AgentTarget(bank),
      condition: new ContextStrLLMCondition("{user} wants a loan after {tries} tries"),
      available: new ExpressionAvailableCondition("${logged_in} and ${tries} >= 2"),
    }),
    new OnCondition({ target: new StayTarget(), condition: new StringLLMCondition("More to say") }),
    new OnCondition({
      target: new TerminateTarget(),
      condition: new StringLLMCondition("The customer leaves"),
      available: new ExpressionAvailableCondition("!${logged_in}"),
    }),
  ]);
  const pattern = new DefaultPattern({
    initialAgent: desk,
    agents: [desk, bank],
    contextVariables: { user: "nobody", logged_in: false, tries: 0 },
  });
  return {
    ...parts(await initiateGroupChat(pattern, { messages: "I am Ada and need a loan." })),
    names: handoffsOf(desk).llmConditions.map(({ llmFunctionName }) => llmFunctionName),
  };
};
