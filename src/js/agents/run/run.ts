/** Runs of chats with events (AG2: `ConversableAgent.run`, `run_iter`, `sequential_run`). */

import { CHAT_OPTIONS, type InitiateChatOptions } from "../chat/chat.js";
import { type ChatQueueEntry, checkQueue, resolveSenders } from "../chat/chat-queue.js";
import type { ChatResult } from "../chat/chat-result.js";
import { resultsToCarryOver, runChat } from "../chat/chats.js";
import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { printEvent } from "../console/printer.js";
import { AgentError, invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { RunEventType } from "../observe/run-event.js";
import { runListener, type RunListener } from "../types.js";
import { type ExecutorSetup, withExecutor } from "./run-executor.js";
import { type Outcome, Run, type RunResponse } from "./run-response.js";
import { anySignal, OpenScope } from "../observe/scope.js";

/** Options of `run`: those of `initiateChat` and these. */
export interface RunOptions extends InitiateChatOptions, ExecutorSetup {
  /** The other agent; not given: an executor, which runs the agent's tools and replies for the person. */
  recipient?: ConversableAgent | undefined;
  /** The receiver of the first message in a run without `recipient`: the agent (the default), or the person. */
  msgTo?: "agent" | "user" | undefined;
}

/** Options of `runIter`. */
export interface RunIterOptions extends RunOptions {
  /**
   * The types of events to pause at; not given: all. `inputRequest`, `runCompletion` and `error` are always
   * delivered.
   */
  yieldOn?: readonly RunEventType[] | undefined;
}

const RUN_OPTIONS: OptionRules<RunOptions> = {
  ...CHAT_OPTIONS,
  recipient: "any",
  msgTo: ["agent", "user"],
  executorOptions: "object",
  tools: "any",
  userInput: "flag",
};

/** Checks the arguments of a function that runs a chat of `agent`. @throws AgentError `invalid_option` */
function checkRun(
  what: string,
  agent: ConversableAgent,
  options: RunOptions,
  rules: OptionRules<RunIterOptions> | OptionRules<RunOptions>,
): void {
  if (agent?.[agentState] === undefined) throw invalidOption("agent", `an agent: \`${what}(agent, options)\``);
  checkOptions(what, options, rules, true);
}

/**
 * Runs a chat of `agent` with a recipient, or alone with its tools. The chat starts at once; instead of
 * being printed, it emits events.
 *
 * It is a function, not a method as in AG2, so that only pages that use it load it.
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
  checkRun("run", agent, options, RUN_OPTIONS);
  return new Run((listener) => startChat(agent, options, listener), printEvent);
}

/**
 * Runs a chat step by step: it starts with the first step, and its agents pause after each event until
 * the next one is requested. The end of the loop aborts the chat. (In AG2 it continues.)
 *
 * @example
 * for await (const event of runIter(assistant, { message: "Delete the old files.", yieldOn: ["executeFunction"] })) {
 *   if (event.type === "executeFunction" && event.funcName === "delete" && !window.confirm("Really?")) break;
 * }
 */
export function runIter(agent: ConversableAgent, iterOptions: RunIterOptions = {}): RunResponse {
  checkRun("runIter", agent, iterOptions, { ...RUN_OPTIONS, yieldOn: "list" });
  const { yieldOn, ...options } = iterOptions;
  const abandoned = new AbortController();
  const signal = anySignal(abandoned.signal, options.signal);
  return new Run((listener) => startChat(agent, { ...options, signal }, listener), printEvent, {
    only: yieldOn,
    stop: (reason) => abandoned.abort(reason),
  });
}

/**
 * Runs the chats of a queue in sequence, with carryover as in `initiateChats`; returns a response for each.
 *
 * @example
 * const responses = sequentialRun(user, [
 *   { recipient: guide, message: "Three facts about Lisbon.", maxTurns: 1 },
 *   { recipient: assistant, message: "Make a story of them.", maxTurns: 1 },
 * ]);
 * for (const response of responses) console.log(await response.summary);
 */
export function sequentialRun(agent: ConversableAgent, chatQueue: readonly ChatQueueEntry[]): RunResponse[] {
  const chats = resolveSenders(chatQueue, agent);
  checkQueue(chats);
  const scope = new OpenScope("chats", undefined, { sender: agent, count: chats.length });
  const before: Promise<ChatResult>[] = [];
  const responses = chats.map((entry) => {
    const earlier = [...before];
    const response = new Run(async (listener) => {
      const finished = resultsToCarryOver(entry, (await Promise.all(earlier)).entries());
      const result = await runChat(entry, finished, { scope, [runListener]: listener });
      return { result, lastSpeaker: lastSpeaker(result, entry.sender, entry.recipient) };
    }, printEvent);
    before.push(response.result);
    return response;
  });
  Promise.all(before).then(
    () => scope.end({}),
    (error: unknown) => scope.fail(error),
  );
  return responses;
}

async function startChat(agent: ConversableAgent, options: RunOptions, listener: RunListener): Promise<Outcome> {
  const { recipient, executorOptions, tools, userInput, msgTo = "agent", ...chat } = options;
  const chatOptions = { ...chat, context: { ...chat.context, [runListener]: listener } };
  if (recipient !== undefined) {
    const unused = Object.entries({ executorOptions, tools, userInput }).find(([, value]) => value !== undefined);
    if (unused)
      throw new AgentError(
        "invalid_option",
        `\`${unused[0]}\` is for runs without a \`recipient\`: leave one of the two out`,
      );
    const result = await agent.initiateChat(recipient, chatOptions);
    return { result, lastSpeaker: lastSpeaker(result, agent, recipient) };
  }
  const result = await withExecutor(agent, { executorOptions, tools, userInput }, (executor) =>
    msgTo === "agent" ? executor.initiateChat(agent, chatOptions) : agent.initiateChat(executor, chatOptions),
  );
  return { result, lastSpeaker: agent.name };
}

/** The name of the last speaker: of a group chat from its manager, else from the history. */
function lastSpeaker({ chatHistory }: ChatResult, sender: ConversableAgent, recipient: ConversableAgent): string {
  const { lastSpeaker: speaker } = recipient as { lastSpeaker?: { name: string } | undefined };
  return speaker?.name ?? (chatHistory.at(-1)?.name === recipient.name ? recipient.name : sender.name);
}
