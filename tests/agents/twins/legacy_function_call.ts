/** The API's old style of calls, with the function in `functionMap`. */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { integer, llmConfig, object, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const area = ({ w, h }: { w: number; h: number }): string => String(w * h);
  const assistant = new AssistantAgent({ name: "assistant", systemMessage: "You measure.", llmConfig: llmConfig(stage) });
  assistant.registerForLlm({ description: "The area", apiStyle: "function", parameters: object({ w: integer("width"), h: integer("height") }) })(area);
  const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER", codeExecutionConfig: false, functionMap: { area }, ...UNTIL_TERMINATE });
  return { chat: await user.initiateChat(assistant, { message: "Area of 6 by 7?" }) };
};
