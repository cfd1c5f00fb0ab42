/** Which members may speak next, before anybody chooses among them (AG2: agentchat/groupchat.py, `GroupChat._prepare_and_select_agents`). */

import type { Agent } from "./agent.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import type { SpeakerSelectionMethodName } from "./group-chat-options.js";
import { quoted, quotedNames } from "./lists.js";
import type { ChatMessage } from "./message.js";
import { warn } from "./warn.js";

/** The error that ends a group chat without fault. */
export function noEligibleSpeaker(why: string): AgentError {
  return new AgentError("no_eligible_speaker", `there is no next speaker: ${why}`);
}

/**
 * The members that tools, repetition, transitions and policies leave.
 *
 * @throws AgentError `no_eligible_speaker` when nobody is left; others when the group cannot work
 */
export async function speakerCandidates(groupChat: GroupChat, lastSpeaker: Agent, method: SpeakerSelectionMethodName): Promise<ConversableAgent[]> {
  const { agents, allowRepeatSpeaker: repeat } = groupChat;
  const mayRepeat = Array.isArray(repeat) ? repeat.includes(lastSpeaker as ConversableAgent) : (repeat as boolean | undefined);
  checkSize(groupChat, method, mayRepeat);

  const able = groupChat.funcCallFilter ? executors(agents, groupChat.messages.at(-1)) : undefined;
  const eligible = able && (await applyPolicies(groupChat, able, lastSpeaker));
  let candidates = eligible ?? agents;
  if (mayRepeat === false) candidates = candidates.filter((agent) => agent !== lastSpeaker);

  const next = groupChat.allowedSpeakerTransitions.get(lastSpeaker);
  const isMember = agents.includes(lastSpeaker as ConversableAgent);
  if (next === undefined && isMember) throw noEligibleSpeaker(`nobody may speak after \`${lastSpeaker.name}\``);
  const reachable = candidates.filter((agent) => next?.includes(agent));
  if (reachable.length === 0 && eligible !== undefined && isMember) {
    throw noEligibleSpeaker("none of the members that can run the tools may speak");
  }
  // As in AG2, nobody reachable means anybody: a speaker from outside has no transitions, and an
  // empty list of transitions counts as none given.
  const left = reachable.length > 0 ? reachable : candidates;
  return eligible === undefined ? applyPolicies(groupChat, left, lastSpeaker) : left;
}

const warnedOf = new WeakSet<GroupChat>();

function checkSize(groupChat: GroupChat, method: SpeakerSelectionMethodName, mayRepeat: boolean | undefined): void {
  const { length } = groupChat.agents;
  const underpopulated = `a group chat of ${length} agents is underpopulated:`;
  if (length < 2) throw new AgentError("invalid_option", `${underpopulated} add agents, or let two talk with \`initiateChat\``);
  if (length === 2 && method !== "round_robin" && mayRepeat && !warnedOf.has(groupChat)) {
    warnedOf.add(groupChat);
    warn(`${underpopulated} set \`allowRepeatSpeaker\` to false, or let the two talk with \`initiateChat\``);
  }
}

/**
 * The members that can run all the calls of `message`, else those that can run anything; `undefined`
 * if nothing is called.
 *
 * @throws AgentError when nobody has tools at all
 */
function executors(agents: readonly ConversableAgent[], message: ChatMessage | undefined): ConversableAgent[] | undefined {
  const { function_call: call, tool_calls: calls } = message ?? {};
  if (!call && !calls) return undefined;
  // Some servers leave the type out; a call of another type runs nowhere.
  const run = calls?.filter(({ type }) => type == null || type === "function").map((each) => each.function) ?? [];
  const names = [...(call ? [call] : []), ...run].map(({ name }) => name);
  const able = agents.filter((agent) => agent.canExecuteFunction(names));
  if (able.length > 0) return able;
  const withTools = agents.filter((agent) => agent.functionMap.size > 0);
  if (withTools.length > 0) return withTools;
  throw new AgentError("tool_not_found", `no agent can run ${quoted(names)}: register it for execution with one, or set \`funcCallFilter\` to false`);
}

async function applyPolicies(groupChat: GroupChat, agents: ConversableAgent[], lastSpeaker: Agent): Promise<ConversableAgent[]> {
  const context = { round: groupChat.messages.length, lastSpeaker: lastSpeaker.name, participants: groupChat.agentNames };
  const eligible: ConversableAgent[] = [];
  for (const agent of agents) {
    let isEligible = true;
    for (const policy of groupChat.eligibilityPolicies) isEligible &&= await policy.isEligible(agent, context);
    if (isEligible) eligible.push(agent);
  }
  if (eligible.length === 0) throw noEligibleSpeaker(`the eligibility policies leave none of ${quotedNames(agents)}`);
  return eligible;
}
