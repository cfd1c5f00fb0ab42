/** Running chats while following what happens (AG2: `ConversableAgent.run`, `run_iter`, `sequential_run`). */

import type { InitiateChatOptions } from "../chat.js";
import { type ChatQueueEntry, checkQueue, staffed } from "../chat-queue.js";
import type { ChatResult } from "../chat-result.js";
import { carriedOver, chatAfter } from "../chats.js";
import type { ConversableAgent } from "../conversable-agent.js";
import { AgentError } from "../errors.js";
import type { RunEventType, RunListener } from "../run-event.js";
import { type ExecutorSetup, withExecutor } from "./run-executor.js";
import { type Outcome, Run, type RunResponse } from "./run-response.js";
import { bothSignals, OpenScope, runListener } from "../scope.js";

/** Options of `run`: those of `initiateChat` and these. */
export interface RunOptions extends InitiateChatOptions, ExecutorSetup {
  /** The other agent; not given: an executor, which runs the agent's tools and speaks for the person. */
  recipient?: ConversableAgent | undefined;
  /** Without a recipient: whether the first message goes to the agent (the default), or from the agent to the person. */
  msgTo?: "agent" | "user" | undefined;
}

/** Options of `runIter`. */
export interface RunIterOptions extends RunOptions {
  /** Types of events to stop at; not given: all. Requests for input, the completion and the error always come. */
  yieldOn?: readonly RunEventType[] | undefined;
}

/**
 * Lets `agent` chat with a recipient, or work alone with its tools. The chat begins at once; what is
 * printed otherwise comes as events.
 *
 * A function, not a method as in AG2, so that a page that does not run agents this way does not load it.
 *
 * @example
 * const response = run(assistant, { message: "Plan two days in Lisbon.", userInput: true });
 * for await (const event of response) {
 *   if (event.type === "text") console.log(`${event.sender}: ${contentText(event.content)}`);
 *   if (event.type === "inputRequest") event.respond(window.prompt(event.prompt) ?? "exit");
 * }
 * console.log(await response.summary);
 */
export function run(agent: ConversableAgent, options: RunOptions = {}): RunResponse {
  return new Run((listener) => begin(agent, options, listener));
}

/**
 * Like `run`, step by step: the chat begins with the first step, and its agents wait after each
 * event until the next one is asked for. Leaving the loop ends the chat. (In AG2 it goes on, unseen.)
 *
 * @example
 * for await (const event of runIter(assistant, { message: "Delete the old files.", yieldOn: ["executeFunction"] })) {
 *   if (event.type === "executeFunction" && event.funcName === "delete" && !window.confirm("Really?")) break;
 * }
 */
export function runIter(agent: ConversableAgent, { yieldOn, ...options }: RunIterOptions = {}): RunResponse {
  const left = new AbortController();
  const signal = bothSignals(left.signal, options.signal);
  return new Run((listener) => begin(agent, { ...options, signal }, listener), { only: yieldOn, stop: (reason) => left.abort(reason) });
}

/**
 * Runs the chats of a queue one after the other, with carryover as in `initiateChats`; gives a response for each.
 *
 * @example
 * const responses = sequentialRun(user, [
 *   { recipient: guide, message: "Three facts about Lisbon.", maxTurns: 1 },
 *   { recipient: assistant, message: "Make a story of them.", maxTurns: 1 },
 * ]);
 * for (const response of responses) console.log(await response.summary);
 */
export function sequentialRun(agent: ConversableAgent, chatQueue: readonly ChatQueueEntry[]): RunResponse[] {
  const chats = staffed(chatQueue, agent);
  checkQueue(chats);
  const scope = new OpenScope("chats", undefined, { sender: agent, count: chats.length });
  const before: Promise<ChatResult>[] = [];
  const responses = chats.map((entry) => {
    const earlier = [...before];
    const response = new Run(async (listener) => {
      const finished = carriedOver(entry, (await Promise.all(earlier)).entries());
      const result = await chatAfter(entry, finished, { scope, [runListener]: listener });
      return { result, lastSpeaker: lastSpeaker(result, entry.sender, entry.recipient) };
    });
    before.push(response.result);
    return response;
  });
  Promise.all(before).then(() => scope.end({}), (error: unknown) => scope.fail(error));
  return responses;
}

async function begin(agent: ConversableAgent, options: RunOptions, listener: RunListener): Promise<Outcome> {
  const { recipient, executorOptions, tools, userInput, msgTo = "agent", ...chat } = options;
  const watched = { ...chat, context: { ...chat.context, [runListener]: listener } };
  if (recipient !== undefined) {
    const unused = Object.entries({ executorOptions, tools, userInput }).find(([, value]) => value !== undefined);
    if (unused) throw new AgentError("invalid_option", `\`${unused[0]}\` is for runs without a \`recipient\`: leave one of the two out`);
    const result = await agent.initiateChat(recipient, watched);
    return { result, lastSpeaker: lastSpeaker(result, agent, recipient) };
  }
  const result = await withExecutor(agent, { executorOptions, tools, userInput }, (executor) =>
    msgTo === "agent" ? executor.initiateChat(agent, watched) : agent.initiateChat(executor, watched),
  );
  return { result, lastSpeaker: agent.name };
}

/** Who spoke last; the manager of a group chat knows better than the history. */
function lastSpeaker({ chatHistory }: ChatResult, sender: ConversableAgent, recipient: ConversableAgent): string {
  const { lastSpeaker: speaker } = recipient as { lastSpeaker?: { name: string } | undefined };
  return speaker?.name ?? (chatHistory.at(-1)?.name === recipient.name ? recipient.name : sender.name);
}
