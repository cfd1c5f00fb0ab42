/** Cancels a question, and asks again. */

import { type AgentError, ConversableAgent, UserProxyAgent } from "mlflow-ag2/agents";

const helper = new ConversableAgent({ name: "helper", humanInputMode: "NEVER", defaultAutoReply: "What else?" });
const ask = (signal?: AbortSignal) =>
  new UserProxyAgent({ name: "user" }).initiateChat(helper, { message: "Begin.", silent: true, signal });

const stop = new AbortController();
const chat = ask(stop.signal).catch((error: Error) => error.message);
setTimeout(() => stop.abort(new Error("called off")), 0);
const first = await chat;
const second = await ask().catch((error: AgentError) => error.code);
console.log(`\nRESULT ${JSON.stringify({ first, second })}`);
