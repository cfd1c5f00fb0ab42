/** The candidates for the next speaker (AG2: agentchat/groupchat.py, `GroupChat._prepare_and_select_agents`). */

import type { Agent } from "../types.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { GroupChat } from "./group-chat.js";
import type { SpeakerSelectionMethodName } from "./group-chat-options.js";
import { quoted, quotedNames } from "../util/lists.js";
import type { ChatMessage } from "../message/message.js";
import { warn } from "../util/warn.js";

/** The error that ends a group chat without a failure. */
export function noEligibleSpeaker(why: string): AgentError {
  return new AgentError("no_eligible_speaker", `there is no next speaker: ${why}`);
}

/**
 * The members that the rules for tools, repetition, transitions and policies allow to speak next.
 *
 * @throws AgentError `no_eligible_speaker` if there are none; others for an invalid group
 */
export async function speakerCandidates(
  groupChat: GroupChat,
  lastSpeaker: Agent,
  method: SpeakerSelectionMethodName,
): Promise<ConversableAgent[]> {
  const { agents, allowRepeatSpeaker: repeat } = groupChat;
  const canRepeat = Array.isArray(repeat) ? repeat.includes(lastSpeaker) : (repeat as boolean | undefined);
  checkSize(groupChat, method, canRepeat);

  const toolRunners = groupChat.funcCallFilter ? executors(agents, groupChat.messages.at(-1)) : undefined;
  const eligible = toolRunners && (await applyPolicies(groupChat, toolRunners, lastSpeaker));
  let candidates = eligible ?? agents;
  if (canRepeat === false) candidates = candidates.filter((agent) => agent !== lastSpeaker);

  const next = groupChat.allowedSpeakerTransitions.get(lastSpeaker);
  const isMember = agents.includes(lastSpeaker as ConversableAgent);
  if (next === undefined && isMember) throw noEligibleSpeaker(`nobody may speak after \`${lastSpeaker.name}\``);
  const reachable = candidates.filter((agent) => next?.includes(agent));
  if (reachable.length === 0 && eligible !== undefined && isMember) {
    throw noEligibleSpeaker("none of the members that can run the tools may speak");
  }
  // As in AG2, without reachable members all candidates remain: a speaker from outside the group has
  // no transitions, and an empty list of transitions counts as not given.
  const remaining = reachable.length > 0 ? reachable : candidates;
  return eligible === undefined ? applyPolicies(groupChat, remaining, lastSpeaker) : remaining;
}

const warnedGroups = new WeakSet<GroupChat>();

function checkSize(groupChat: GroupChat, method: SpeakerSelectionMethodName, canRepeat: boolean | undefined): void {
  const { length } = groupChat.agents;
  const underpopulated = `a group chat of ${length} agents is underpopulated:`;
  if (length < 2)
    throw new AgentError("invalid_option", `${underpopulated} add agents, or let two talk with \`initiateChat\``);
  if (length === 2 && method !== "round_robin" && canRepeat && !warnedGroups.has(groupChat)) {
    warnedGroups.add(groupChat);
    warn(`${underpopulated} set \`allowRepeatSpeaker\` to false, or let the two talk with \`initiateChat\``);
  }
}

/**
 * The members that can run all calls of `message`, else those that have any tools; `undefined` for a
 * message without calls.
 *
 * @throws AgentError if no member has tools
 */
function executors(
  agents: readonly ConversableAgent[],
  message: ChatMessage | undefined,
): ConversableAgent[] | undefined {
  const { function_call: call, tool_calls: calls } = message ?? {};
  if (!call && !calls) return undefined;
  // Some servers leave the type out; a call of another type is not run.
  const run = calls?.filter(({ type }) => type == null || type === "function").map((each) => each.function) ?? [];
  const names = [...(call ? [call] : []), ...run].map(({ name }) => name);
  const withAll = agents.filter((agent) => agent.canExecuteFunction(names));
  if (withAll.length > 0) return withAll;
  const withAny = agents.filter((agent) => agent.functionMap.size > 0);
  if (withAny.length > 0) return withAny;
  throw new AgentError(
    "tool_not_found",
    `no agent can run ${quoted(names)}: register it for execution with one, or set \`funcCallFilter\` to false`,
  );
}

async function applyPolicies(
  groupChat: GroupChat,
  agents: ConversableAgent[],
  lastSpeaker: Agent,
): Promise<ConversableAgent[]> {
  const context = {
    round: groupChat.messages.length,
    lastSpeaker: lastSpeaker.name,
    participants: groupChat.agentNames,
  };
  const eligible: ConversableAgent[] = [];
  for (const agent of agents) {
    let isEligible = true;
    for (const policy of groupChat.eligibilityPolicies) isEligible &&= await policy.isEligible(agent, context);
    if (isEligible) eligible.push(agent);
  }
  if (eligible.length === 0) throw noEligibleSpeaker(`the eligibility policies leave none of ${quotedNames(agents)}`);
  return eligible;
}
