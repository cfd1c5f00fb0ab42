/** The API's old style of calls, with the function in `functionMap`. */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { integerSchema, llmConfig, objectSchema, type Scenario, UNTIL_TERMINATE } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const area = ({ w, h }: { w: number; h: number }): string => String(w * h);
  const assistant = new AssistantAgent({
    name: "assistant",
    systemMessage: "You measure.",
    llmConfig: llmConfig(server),
  });
  assistant.registerForLlm({
    description: "The area",
    apiStyle: "function",
    parameters: objectSchema({ w: integerSchema("width"), h: integerSchema("height") }),
  })(area);
  const user = new UserProxyAgent({
    name: "user",
    humanInputMode: "NEVER",
    codeExecutionConfig: false,
    functionMap: { area },
    ...UNTIL_TERMINATE,
  });
  return { chat: await user.initiateChat(assistant, { message: "Area of 6 by 7?" }) };
};
