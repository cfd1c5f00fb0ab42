// One page: a chat of twenty turns a minute, until its time is over; then it delivers and reports its counts.

import { parentPort, workerData } from "node:worker_threads";
import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";

const TURNS = 20;
const { trackingUri, experimentName, token, turnMs, startAtMs, endAtMs, drainMs, seed } = workerData;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** A model that answers at the pace of the chat. */
function client() {
  let answers = 0;
  const create = async () => {
    await wait(turnMs);
    answers += 1;
    const content = `Answer ${answers} of page ${seed}: ${"The quick brown fox jumps over the lazy dog. ".repeat(8)}`;
    const usage = { prompt_tokens: 200 * answers, completion_tokens: 90, total_tokens: 200 * answers + 90 };
    return {
      id: `c${answers}`,
      model: "gpt-4o-mini",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
      usage,
    };
  };
  return { create };
}

function agent(name, llmConfig) {
  return new ConversableAgent({
    name,
    llmConfig,
    humanInputMode: "NEVER",
    maxConsecutiveAutoReply: TURNS,
    defaultAutoReply: "Go on.",
  });
}

mlflow.autolog();
mlflow.init({ trackingUri, experimentName, ...(token && { token }) });
// Pages are not opened all at once.
await wait(startAtMs - Date.now() + (seed * turnMs * TURNS) / 200);
let chats = 0;
while (Date.now() < endAtMs) {
  const assistant = agent("assistant", { model: "gpt-4o-mini", client: client() });
  const options = { message: `Question ${chats} of page ${seed}.`, maxTurns: TURNS, silent: true };
  await agent("user", false).initiateChat(assistant, options);
  chats += 1;
}
await mlflow.flush({ timeoutMs: drainMs });
parentPort.postMessage({ chats, ...mlflow.stats() });
