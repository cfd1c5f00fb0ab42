/** A page that runs a conversation without a server, and prints its result and its trace. */

import { autolog, getLastActiveTraceId, getTrace, stats, withSpan } from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";

async function hold(): Promise<unknown> {
  autolog();
  const client = new ScriptedModel([{ content: "Good, thanks." }]);
  const assistant = new ConversableAgent({
    name: "assistant",
    llmConfig: { configList: [{ model: "gpt-4o-mini", client }] },
  });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
  const { summary } = await user.initiateChat(assistant, { message: "How are you?", maxTurns: 1, silent: true });
  const trace = await getTrace(getLastActiveTraceId());
  return {
    summary,
    byHand: withSpan(() => 42),
    spans: trace?.data.spans.length ?? 0,
    unavailable: stats().unavailable ?? null,
  };
}

void hold().then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
