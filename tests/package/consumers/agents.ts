/** What programs may write with `mlflow-ag2/agents`, and what the compiler must refuse. Compiled only, never run. */

import { AssistantAgent, type ChatResult, ConversableAgent, GroupChat, GroupChatManager } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

export async function chats(): Promise<string> {
  const model = new ScriptedModel([{ content: "Hello." }]);
  const assistant = new AssistantAgent({
    name: "assistant",
    llmConfig: { configList: [{ model: "gpt-4o-mini", client: model }] },
  });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
  const result: ChatResult = await user.initiateChat(assistant, { message: "Hello?", maxTurns: 1 });
  // @ts-expect-error: an agent has a name
  new ConversableAgent({ llmConfig: false });
  // @ts-expect-error: a mode of AG2's
  new ConversableAgent({ name: "x", humanInputMode: "SOMETIMES" });
  // @ts-expect-error: options are camelCase here
  new ConversableAgent({ name: "x", human_input_mode: "NEVER" });
  // @ts-expect-error: one talks to an agent
  await user.initiateChat("assistant", { message: "Hello?" });

  const group = new GroupChat({ agents: [assistant, user], messages: [], maxRound: 3 });
  new GroupChatManager({ name: "manager", groupChat: group });
  // @ts-expect-error: a manager leads a group
  new GroupChatManager({ name: "manager" });
  return result.summary;
}

export function tools(agent: ConversableAgent): void {
  const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  agent.registerForLlm({ name: "weather", description: "The weather", parameters })(
    ({ city }: { city: string }) => `Sun in ${city}`,
  );
  // @ts-expect-error: what is registered is a function
  agent.registerForExecution({ name: "weather" })("sun");
}
