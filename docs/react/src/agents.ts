/** Two agents and a tool. A scripted model stands for the model's server, so that the example needs no key. */

import { autolog } from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

autolog();

const PARAMETERS = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

function weather({ city }: { city: string }): string {
  return `The sun shines in ${city}.`;
}

/** The answer of the agents. */
export async function ask(question: string): Promise<string> {
  const city = /in (.*)\?$/.exec(question)?.[1] ?? "";
  const client = new ScriptedModel([
    { tool_calls: [{ id: "call_1", name: "weather", arguments: { city } }], usage: [40, 12] },
    { content: `It is sunny in ${city}. TERMINATE`, usage: [70, 8] },
  ]);
  const assistant = new ConversableAgent({
    name: "assistant",
    systemMessage: "You answer by your tool.",
    llmConfig: { configList: [{ model: "gpt-4o-mini", client }] },
  });
  const user = new ConversableAgent({
    name: "user",
    llmConfig: false,
    humanInputMode: "NEVER",
    isTerminationMsg: ({ content }) => content?.includes("TERMINATE") ?? false,
  });
  assistant.registerForLlm({ name: "weather", description: "The weather of a city", parameters: PARAMETERS })(weather);
  user.registerForExecution({ name: "weather" })(weather);
  const { summary } = await user.initiateChat(assistant, { message: question, silent: true });
  return String(summary).trim();
}
