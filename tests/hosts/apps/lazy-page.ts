/** A page whose tracing core is a file of its own; it runs a conversation at once, and prints its trace. */

import { autolog, flush, getLastActiveTraceId, getTrace, stats, status } from "mlflow-ag2/lazy";
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
  const before = { status: status(), started: stats().started };
  const trace = await getTrace(getLastActiveTraceId());
  await flush();
  const { started, dropped } = stats();
  return {
    summary,
    before,
    after: { status: status(), started, unavailable: dropped["unavailable"] },
    spans: trace?.data.spans.map(({ name }) => name) ?? [],
  };
}

void hold().then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
