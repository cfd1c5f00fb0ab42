// A chat of agents, whose model answers after a pause.

import { ConversableAgent } from "mlflow-ag2/agents";

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

function agent(name, llmConfig, turns) {
  const rest = { humanInputMode: "NEVER", maxConsecutiveAutoReply: turns, defaultAutoReply: "Go on." };
  return new ConversableAgent({ name, llmConfig, ...rest });
}

/** Runs the chat that begins with `message`; each answer has about 400 characters. */
export async function chat(message, turns, pauseMs) {
  let answers = 0;
  const create = async () => {
    await wait(pauseMs);
    answers += 1;
    const content = `Answer ${answers} to "${message}" ${"The quick brown fox jumps over the lazy dog. ".repeat(8)}`;
    const usage = { prompt_tokens: 200 * answers, completion_tokens: 90, total_tokens: 200 * answers + 90 };
    const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }];
    return { id: `c${answers}`, model: "gpt-4o-mini", choices, usage };
  };
  const assistant = agent("assistant", { model: "gpt-4o-mini", client: { create } }, turns);
  await agent("user", false, turns).initiateChat(assistant, { message, maxTurns: turns, silent: true });
}
