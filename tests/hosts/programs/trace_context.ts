/** Chats with a user, a session and tags, but without a span around them; prints the ids of their traces. */

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { report, settings } from "./host.js";

const { trackingUri, experiment } = settings();

mlflow.init({ trackingUri, environment: "test", release: "1.4", defaultTags: { team: "a" } });
void mlflow.setExperiment(experiment);
mlflow.autolog();

const content = "Lisbon.";
const client = new ScriptedModel({ responses: [{ content }, { content }, { content }, { content }, { content }] });
const assistant = new ConversableAgent({ name: "assistant", llmConfig: { model: "gpt-4o-mini", client } });
const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });

async function chat(options: { context?: mlflow.SpanParent; clearHistory?: boolean } = {}): Promise<string> {
  const { context, ...rest } = options;
  const message = "Capital of Portugal?";
  await user.initiateChat(assistant, {
    message,
    maxTurns: 1,
    silent: true,
    ...rest,
    ...(context !== undefined && { context }),
  });
  return mlflow.getLastActiveTraceId()!;
}

const fields = { userId: "ada", sessionId: `window ${experiment}`, tags: { page: "help" }, metadata: { build: "12" } };
const direct = await mlflow.withTraceContext(fields, () => chat());
const afterAwait = await mlflow.withTraceContext(fields, async (context) => {
  await new Promise((resolve) => setTimeout(resolve, 0));
  return chat({ context });
});
const alone = await chat();
// Its conversation goes on after the server has stored it.
const first = await chat();
await mlflow.flush();
const second = await chat({ clearHistory: false });
const flushed = await mlflow.flush();
report({ direct, afterAwait, alone, first, second, flushed, stats: mlflow.stats() });
