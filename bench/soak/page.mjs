// A tab that chats for as long as it is open, and can be asked for its counts.

import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";

const TURNS = 20;
const PAUSE_MS = 100;
const settings = new URLSearchParams(location.search);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const create = async () => {
  await wait(PAUSE_MS);
  const content = "The quick brown fox jumps over the lazy dog. ".repeat(8);
  const message = { role: "assistant", content };
  const usage = { prompt_tokens: 200, completion_tokens: 90, total_tokens: 290 };
  return { id: "c", model: "gpt-4o-mini", choices: [{ index: 0, finish_reason: "stop", message }], usage };
};

const agent = (name, llmConfig) =>
  new ConversableAgent({
    name,
    llmConfig,
    humanInputMode: "NEVER",
    maxConsecutiveAutoReply: TURNS,
    defaultAutoReply: "Go on.",
  });

/** The memory of the module, which the browser counts as none of the page's. */
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    memory = this.exports.memory;
  }
};

let isOpen = true;

async function chat() {
  while (isOpen) {
    const assistant = agent("assistant", { model: "gpt-4o-mini", client: { create } });
    await agent("user", false).initiateChat(assistant, { message: "Begin.", maxTurns: TURNS, silent: true });
  }
}

mlflow.autolog();
mlflow.init({ trackingUri: settings.get("trackingUri"), experimentName: "soak" });
const chats = chat();

globalThis.soak = {
  stats: mlflow.stats,
  moduleBytes: () => memory.buffer.byteLength,
  /** Ends the chats, and delivers what is left. */
  async end(timeoutMs) {
    isOpen = false;
    await chats;
    await mlflow.flush({ timeoutMs });
    return mlflow.stats();
  },
};
