/** Runs: their events and their results (AG2: io/run_response.py, `RunResponse`, `RunIterResponse`). */

import type { ChatResult } from "../chat/chat-result.js";
import { askOnTerminal } from "../agent/human-input.js";
import type { ChatMessage } from "../message/message.js";
import type { RunEvent, RunEventType } from "../observe/run-event.js";
import type { CallContext, RunListener } from "../types.js";
import type { ChatCost } from "../models/usage.js";

/**
 * A run. Iterate over it for its events; its promises resolve to the result, with or without
 * iteration. If the run fails, promises that were read reject with its error, and the iteration throws
 * it after the event "error".
 *
 * Every event is delivered once: two loops over one run share its events.
 */
export interface RunResponse extends AsyncIterable<RunEvent> {
  /** The events, as when iterating over the run itself. */
  readonly events: AsyncIterable<RunEvent>;
  /** The conversation. */
  readonly messages: Promise<readonly ChatMessage[]>;
  /** The summary that `summaryMethod` made. */
  readonly summary: Promise<string>;
  /** The usage of the two agents so far, including earlier chats. */
  readonly cost: Promise<ChatCost>;
  /** The name of the agent that spoke last. */
  readonly lastSpeaker: Promise<string>;
  /** The whole result. */
  readonly result: Promise<ChatResult>;
  /** Prints all events, asks the person on the terminal, and resolves at the end of the run. */
  process(): Promise<void>;
}

/** The outcome of a run. */
export interface Outcome {
  result: ChatResult;
  lastSpeaker: string;
}

/** The events that a run delivers, and its pacing. */
export interface RunPacing {
  /** The types of events to deliver; not given: all. */
  only?: readonly RunEventType[] | undefined;
  /**
   * Aborts the agents, in a run step by step: it starts when the first event is requested, pauses after
   * each event until the next one is requested, and is aborted when the iteration ends.
   */
  stop?: ((reason: unknown) => void) | undefined;
}

/** An event, and the function that resumes the agents after it. */
interface QueuedEvent {
  event: RunEvent;
  resume: () => void;
}

/** A run in progress: a queue of events from the agents to the loops over the run. */
export class Run implements RunResponse, RunListener {
  readonly #outcome: Promise<Outcome>;
  readonly #options: RunPacing;
  readonly #print: (event: RunEvent) => void;
  readonly #queue: QueuedEvent[] = [];
  #start = (): void => {};
  /** The loops that wait for an event. */
  readonly #waiters: (() => void)[] = [];
  #last: QueuedEvent | undefined;
  #isOpen = true;

  /**
   * @param start starts the work, whose events the run receives; called at once, or with the first step
   * @param print prints an event for `process`
   */
  constructor(start: (run: RunListener) => Promise<Outcome>, print: (event: RunEvent) => void, pacing: RunPacing = {}) {
    this.#options = pacing;
    this.#print = print;
    const work =
      pacing.stop === undefined
        ? start(this)
        : new Promise<void>((resolve) => (this.#start = resolve)).then(() => start(this));
    this.#outcome = work.then(
      (outcome) => this.#complete(outcome),
      (error: unknown) => this.#fail(error),
    );
    // Without iteration or a read of the result, a rejection must not end the program.
    this.#outcome.catch(() => {});
  }

  onEvent(event: RunEvent): Promise<void> | undefined {
    const { only, stop } = this.#options;
    if (!this.#isOpen || (only !== undefined && !only.includes(event.type) && event.type !== "inputRequest"))
      return undefined;
    let resume = (): void => {};
    const handled = stop === undefined ? undefined : new Promise<void>((resolve) => (resume = resolve));
    this.#queue.push({ event, resume });
    this.#wakeWaiters();
    return handled;
  }

  ask(prompt: string, { agent }: CallContext): Promise<string> {
    return new Promise((respond) => void this.onEvent({ type: "inputRequest", prompt, agent: agent.name, respond }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    this.#start();
    try {
      for (;;) {
        this.#last?.resume();
        const next = (this.#last = await this.#next());
        if (next === undefined) return;
        yield next.event;
        if (next.event.type === "error") throw next.event.error;
      }
    } finally {
      this.#stopIfAbandoned();
    }
  }

  get events(): AsyncIterable<RunEvent> {
    return this;
  }

  get messages(): Promise<readonly ChatMessage[]> {
    return this.result.then(({ chatHistory }) => chatHistory);
  }

  get summary(): Promise<string> {
    return this.result.then(({ summary }) => summary);
  }

  get cost(): Promise<ChatCost> {
    return this.result.then(({ cost }) => cost);
  }

  get lastSpeaker(): Promise<string> {
    return this.#outcome.then(({ lastSpeaker }) => lastSpeaker);
  }

  get result(): Promise<ChatResult> {
    return this.#outcome.then(({ result }) => result);
  }

  async process(): Promise<void> {
    for await (const event of this) {
      if (event.type === "inputRequest") event.respond(await askOnTerminal(event.prompt, undefined));
      else this.#print(event);
    }
  }

  /** The next event; `undefined` once the run is over. */
  async #next(): Promise<QueuedEvent | undefined> {
    while (this.#queue.length === 0 && this.#isOpen) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    return this.#queue.shift();
  }

  #wakeWaiters(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #complete(outcome: Outcome): Outcome {
    const { chatHistory: history, summary, cost } = outcome.result;
    this.#finish({ type: "runCompletion", history, summary, cost, lastSpeaker: outcome.lastSpeaker });
    return outcome;
  }

  #fail(error: unknown): never {
    this.#finish({ type: "error", error });
    throw error;
  }

  /** Adds the last event, whatever its type. */
  #finish(event: RunEvent): void {
    if (!this.#isOpen) return;
    this.#queue.push({ event, resume: () => {} });
    this.#isOpen = false;
    this.#wakeWaiters();
  }

  /** Handles the end of a loop: agents that wait for its next step are aborted. */
  #stopIfAbandoned(): void {
    if (this.#options.stop === undefined || !this.#isOpen) return;
    this.#isOpen = false;
    this.#options.stop(new DOMException("the run was left before its end", "AbortError"));
    this.#last?.resume();
    for (const { resume } of this.#queue.splice(0)) resume();
    this.#wakeWaiters();
  }
}
