/**
 * What a group chat tells while it goes on (AG2: events/agent_events.py): to the run it is part of,
 * else to the terminal. Apart from `tell`, so that an app without group chats does not load its texts.
 */

import type { Scope } from "./observer.js";
import { printLine } from "./printer.js";
import type { RunEvent } from "./run-event.js";
import { listenerOf } from "./scope.js";

/** The events of group chats. */
export type GroupChatEvent = RunEvent<
  | "selectSpeaker"
  | "selectSpeakerInvalidInput"
  | "selectSpeakerTryCountExceeded"
  | "speakerAttemptSuccessful"
  | "speakerAttemptFailedMultipleAgents"
  | "speakerAttemptFailedNoAgents"
  | "clearAgentsHistory"
>;

/** Tells of `event`, which happened in `scope`; await it. `silent` keeps it off the terminal. */
export function tellOfGroup(event: GroupChatEvent, scope: Scope | undefined, silent: boolean): Promise<void> | undefined {
  const listener = listenerOf(scope);
  if (listener !== undefined) return listener.hear(event);
  printLine(textOf(event), silent);
  return undefined;
}

function textOf(event: GroupChatEvent): string {
  switch (event.type) {
    case "selectSpeaker":
      return ["Please select the next speaker from the following list:", ...event.agents.map((name, index) => `${index + 1}: ${name}`)].join("\n");
    case "selectSpeakerInvalidInput":
      return `Invalid input. Please enter a number between 1 and ${event.agents.length}.`;
    case "selectSpeakerTryCountExceeded":
      return `You have tried ${event.tryCount} times. The next speaker will be selected automatically.`;
    case "speakerAttemptSuccessful":
      return `>>>>>>>> Select speaker attempt ${event.attempt} of ${event.attempt + event.attemptsLeft} successfully selected: ${event.mentions.join()}`;
    case "speakerAttemptFailedMultipleAgents":
      return `>>>>>>>> Select speaker attempt ${event.attempt} of ${event.attempt + event.attemptsLeft} failed as it included multiple agent names.`;
    case "speakerAttemptFailedNoAgents":
      return `>>>>>>>> Select speaker attempt #${event.attempt} failed as it did not include any agent names.`;
    case "clearAgentsHistory": {
      const kept = event.nrEventsToPreserve ? ` except last ${event.nrEventsToPreserve} events` : "";
      return `Clearing history for ${event.agent ?? "all agents"}${kept}.`;
    }
  }
}
