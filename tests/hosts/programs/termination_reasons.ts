/** Three chats that end for three reasons: `maxTurns`, a termination message, `maxConsecutiveAutoReply`. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent, type ConversableAgentOptions } from "mlflow-ag2/agents";
import { reportChats, settings } from "./host.js";

const { trackingUri, experiment, baseUrl } = settings();

mlflow.autolog();
mlflow.setTrackingUri(trackingUri);
mlflow.setExperiment(experiment);

function pair(userOptions: Partial<ConversableAgentOptions> = {}): {
  helper: ConversableAgent;
  user: ConversableAgent;
} {
  const llmConfig = { configList: [{ model: "gpt-4o-mini", apiKey: "test-key", baseUrl }] };
  return {
    helper: new ConversableAgent({ name: "helper", systemMessage: "You help.", llmConfig, humanInputMode: "NEVER" }),
    user: new ConversableAgent({
      name: "user",
      llmConfig: false,
      humanInputMode: "NEVER",
      defaultAutoReply: "More.",
      ...userOptions,
    }),
  };
}

const first = pair();
const max_turns = await first.user.initiateChat(first.helper, { message: "Turns.", maxTurns: 1 });
const second = pair({ isTerminationMsg: (m) => m.content?.includes("goodbye") === true });
const termination_message = await second.user.initiateChat(second.helper, { message: "Message." });
const third = pair({ maxConsecutiveAutoReply: 1 });
const max_consecutive_auto_reply = await third.user.initiateChat(third.helper, { message: "Replies." });

await reportChats(
  { max_turns, termination_message, max_consecutive_auto_reply },
  await mlflow.getTrace(mlflow.getLastActiveTraceId()),
);
