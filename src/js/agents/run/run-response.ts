/** What `run` gives: the events while it goes on, and what came of it (AG2: io/run_response.py, `RunResponse`, `RunIterResponse`). */

import type { ChatResult } from "../chat-result.js";
import { askOnTerminal } from "../human-input.js";
import type { ChatMessage } from "../message.js";
import { printEvent } from "../console/printer.js";
import type { RunEvent, RunEventType, RunListener } from "../run-event.js";
import type { CallContext } from "../scope.js";
import type { ChatCost } from "../usage.js";

/**
 * A run. Iterate over it for its events; what it comes to is in the promises, whether anybody
 * iterates or not. When the run fails, the promises that were asked for are rejected with its error,
 * and iterating throws it after the event "error".
 *
 * Every event is given once: two loops over one run share its events.
 */
export interface RunResponse extends AsyncIterable<RunEvent> {
  /** The events, as when iterating over the run itself. */
  readonly events: AsyncIterable<RunEvent>;
  /** The conversation. */
  readonly messages: Promise<readonly ChatMessage[]>;
  /** What `summaryMethod` made of it. */
  readonly summary: Promise<string>;
  /** What the two agents have used so far, earlier chats included. */
  readonly cost: Promise<ChatCost>;
  /** The name of the agent that spoke last. */
  readonly lastSpeaker: Promise<string>;
  /** All of the result. */
  readonly result: Promise<ChatResult>;
  /** Prints all events, asks the person at the terminal where one is asked, and is done when the run is. */
  process(): Promise<void>;
}

/** How a run comes to its end. */
export interface Outcome {
  result: ChatResult;
  lastSpeaker: string;
}

/** How its events are given. */
export interface Pace {
  /** Types of events to give; not given: all. */
  only?: readonly RunEventType[] | undefined;
  /** Step by step: the agents begin with the first event that is asked for, wait after each until the next one is, and stop when nobody will. */
  stop?: ((reason: unknown) => void) | undefined;
}

/** An event, and who waits for it to have been looked at. */
interface Kept {
  event: RunEvent;
  goOn: () => void;
}

/** A run in progress: takes events in at one end and gives them out at the other. */
export class Run implements RunResponse, RunListener {
  readonly #outcome: Promise<Outcome>;
  readonly #pace: Pace;
  readonly #kept: Kept[] = [];
  #begin = (): void => {};
  /** Loops that wait for an event. */
  readonly #asleep: (() => void)[] = [];
  #last: Kept | undefined;
  #isFollowed = true;

  /** @param start begins the work that reports to the run it is given; called at once, or with the first step */
  constructor(start: (run: RunListener) => Promise<Outcome>, pace: Pace = {}) {
    this.#pace = pace;
    const work = pace.stop === undefined ? start(this) : new Promise<void>((resolve) => (this.#begin = resolve)).then(() => start(this));
    this.#outcome = work.then((outcome) => this.#complete(outcome), (error: unknown) => this.#fail(error));
    // Who neither iterates nor asks for a result does not want to know; a rejection must not end the program.
    this.#outcome.catch(() => {});
  }

  hear(event: RunEvent): Promise<void> | undefined {
    const { only, stop } = this.#pace;
    if (!this.#isFollowed || (only !== undefined && !only.includes(event.type) && event.type !== "inputRequest")) return undefined;
    let goOn = (): void => {};
    const seen = stop === undefined ? undefined : new Promise<void>((resolve) => (goOn = resolve));
    this.#kept.push({ event, goOn });
    this.#wake();
    return seen;
  }

  ask(prompt: string, { agent }: CallContext): Promise<string> {
    return new Promise((respond) => void this.hear({ type: "inputRequest", prompt, agent: agent.name, respond }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    this.#begin();
    try {
      for (;;) {
        this.#last?.goOn();
        const next = (this.#last = await this.#next());
        if (next === undefined) return;
        yield next.event;
        if (next.event.type === "error") throw next.event.error;
      }
    } finally {
      this.#leave();
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
      else printEvent(event);
    }
  }

  /** The next event; `undefined` once the run is over. */
  async #next(): Promise<Kept | undefined> {
    while (this.#kept.length === 0 && this.#isFollowed) {
      await new Promise<void>((resolve) => this.#asleep.push(resolve));
    }
    return this.#kept.shift();
  }

  #wake(): void {
    for (const wake of this.#asleep.splice(0)) wake();
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

  /** The last event is always given. */
  #finish(event: RunEvent): void {
    if (!this.#isFollowed) return;
    this.#kept.push({ event, goOn: () => {} });
    this.#isFollowed = false;
    this.#wake();
  }

  /** Somebody leaves a loop. Where the agents wait for the loop, they have to be stopped. */
  #leave(): void {
    if (this.#pace.stop === undefined || !this.#isFollowed) return;
    this.#isFollowed = false;
    this.#pace.stop(new DOMException("the run was left before its end", "AbortError"));
    this.#last?.goOn();
    for (const { goOn } of this.#kept.splice(0)) goOn();
    this.#wake();
  }
}
