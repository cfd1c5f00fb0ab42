/** A chat through the relays of a server, whose address and experiment are the arguments; prints what came of it. */

import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
import { autolog, flush, getLastActiveTraceId, setExperiment, setTrackingUri, stats } from "mlflow-ag2";

const [uri, experiment] = process.argv.slice(2) as [string, string];
autolog();
setTrackingUri(`${uri}/mlflow`);
setExperiment(experiment);

const assistant = new AssistantAgent({
  name: "assistant",
  llmConfig: { model: "small", baseUrl: `${uri}/model`, stream: true },
});
const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER" });
const message = "What is the capital of Portugal?";
const { summary } = await user.initiateChat(assistant, { message, maxTurns: 1, silent: true });
await flush();
console.log(
  JSON.stringify({
    answer: summary,
    traceId: getLastActiveTraceId(),
    delivered: stats().delivered,
    last: stats().lastError,
  }),
);
