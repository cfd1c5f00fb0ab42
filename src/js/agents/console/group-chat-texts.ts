/** The texts for events of group chats (AG2: events/agent_events.py). */

import type { RunEvent } from "../observe/run-event.js";

/** What hands off (AG2: agentchat/group/events/transition_events.py). */
const TRANSITIONS = {
  afterWorksTransition: "AfterWork handoff",
  onContextConditionTransition: "OnContextCondition handoff",
  onConditionLlmTransition: "LLM-based OnCondition handoff",
  replyResultTransition: "ReplyResult transition",
};

/** The text for an event of a group chat; `undefined` for others. */
export function groupChatText(event: RunEvent): string | undefined {
  switch (event.type) {
    case "selectSpeaker":
      return [
        "Please select the next speaker from the following list:",
        ...event.agents.map((name, index) => `${index + 1}: ${name}`),
      ].join("\n");
    case "selectSpeakerInvalidInput":
      return `Invalid input. Please enter a number between 1 and ${event.agents.length}.`;
    case "selectSpeakerTryCountExceeded":
      return `You have tried ${event.tryCount} times. The next speaker will be selected automatically.`;
    case "speakerAttemptSuccessful":
      return `${attemptText(event)} successfully selected: ${event.mentions.join()}`;
    case "speakerAttemptFailedMultipleAgents":
      return `${attemptText(event)} failed as it included multiple agent names.`;
    case "speakerAttemptFailedNoAgents":
      return `>>>>>>>> Select speaker attempt #${event.attempt} failed as it did not include any agent names.`;
    case "clearAgentsHistory": {
      const kept = event.nrEventsToPreserve ? ` except last ${event.nrEventsToPreserve} events` : "";
      return `Clearing history for ${event.agent ?? "all agents"}${kept}.`;
    }
    case "afterWorksTransition":
    case "onContextConditionTransition":
    case "onConditionLlmTransition":
    case "replyResultTransition":
      return `***** ${TRANSITIONS[event.type]} (${event.sourceAgent}): ${event.transitionTarget} *****`;
    default:
      return undefined;
  }
}

function attemptText({ attempt, attemptsLeft }: { attempt: number; attemptsLeft: number }): string {
  return `>>>>>>>> Select speaker attempt ${attempt} of ${attempt + attemptsLeft}`;
}
