/** Runs of group chats with events (AG2: agentchat/group/multi_agent_chat.py, `run_group_chat`). */

import { printBySetPrinter } from "../observe/emit-event.js";
import { anySignal } from "../observe/scope.js";
import type { RunEventType } from "../observe/run-event.js";
import { Run, type RunPacing, type RunResponse } from "../run/run-response.js";
import { runListener } from "../types.js";
import type { ContextVariables } from "../group/context-variables.js";
import { checkOptions } from "../util/options.js";
import {
  checkPattern,
  GROUP_OPTIONS,
  initiateGroupChat,
  type InitiateGroupChatOptions,
} from "../group/initiate-group-chat.js";
import type { Pattern } from "../group/patterns.js";

/** A run of a group chat; see `RunResponse`. `process` prints where chats print: where a console is imported. */
export interface GroupRunResponse extends RunResponse {
  /** The context variables at the end of the run. */
  readonly contextVariables: Promise<ContextVariables>;
}

/** Options of `runGroupChatIter`. */
export interface RunGroupChatIterOptions extends InitiateGroupChatOptions {
  /**
   * The types of events to pause at; not given: all. `inputRequest`, `runCompletion` and `error` are always
   * delivered.
   */
  yieldOn?: readonly RunEventType[] | undefined;
}

class GroupRun extends Run implements GroupRunResponse {
  readonly #pattern: Pattern;

  constructor(pattern: Pattern, options: InitiateGroupChatOptions, pacing?: RunPacing) {
    super(
      async (listener) => {
        const context = { ...options.context, [runListener]: listener };
        const [result, , { name }] = await initiateGroupChat(pattern, { ...options, context });
        return { result, lastSpeaker: name };
      },
      printBySetPrinter,
      pacing,
    );
    this.#pattern = pattern;
  }

  get contextVariables(): Promise<ContextVariables> {
    return this.result.then(() => this.#pattern.contextVariables);
  }
}

/**
 * Runs a group chat by a pattern. It starts at once; instead of being printed, it emits events.
 *
 * It is a function of this entry, so that only pages that use it load it.
 *
 * @example
 * const pattern = new DefaultPattern({ initialAgent: assistant, agents: [assistant, guide] });
 * const response = runGroupChat(pattern, { messages: "Plan two days in Lisbon." });
 * for await (const event of response) {
 *   if (event.type === "afterWorksTransition") console.log(`${event.sourceAgent} → ${event.transitionTarget}`);
 * }
 * console.log(await response.summary, (await response.contextVariables).toDict());
 */
export function runGroupChat(pattern: Pattern, options: InitiateGroupChatOptions): GroupRunResponse {
  checkPattern("runGroupChat", pattern);
  checkOptions("runGroupChat", options, GROUP_OPTIONS);
  return new GroupRun(pattern, options);
}

/**
 * Runs a group chat by a pattern step by step: it starts with the first step, and its agents pause after each event
 * until the next one is requested. The end of the loop aborts the chat. (In AG2 it continues.)
 *
 * @example
 * const pattern = new DefaultPattern({ initialAgent: assistant, agents: [assistant, guide] });
 * const yieldOn = ["executeFunction"] as const;
 * for await (const event of runGroupChatIter(pattern, { messages: "Delete the old files.", yieldOn })) {
 *   if (event.type === "executeFunction" && !window.confirm(`Run ${event.funcName}?`)) break;
 * }
 */
export function runGroupChatIter(pattern: Pattern, iterOptions: RunGroupChatIterOptions): GroupRunResponse {
  checkPattern("runGroupChatIter", pattern);
  checkOptions("runGroupChatIter", iterOptions, { ...GROUP_OPTIONS, yieldOn: "list" });
  const { yieldOn, ...options } = iterOptions;
  const abandoned = new AbortController();
  const signal = anySignal(abandoned.signal, options.signal);
  return new GroupRun(pattern, { ...options, signal }, { only: yieldOn, stop: (reason) => abandoned.abort(reason) });
}
