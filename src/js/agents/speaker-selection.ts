/** Finding the next speaker of a group chat (AG2: agentchat/groupchat.py, `GroupChat.select_speaker`). */

import type { Agent } from "./agent.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { AgentError } from "./errors.js";
import type { GroupChat } from "./group-chat.js";
import { checkedMethodName } from "./group-chat-options.js";
import type { Scope } from "./observer.js";
import { type CallContext, type ContextOption, OpenScope, orAborted } from "./scope.js";
import { noEligibleSpeaker, speakerCandidates } from "./speaker-candidates.js";
import { querySpeaker } from "./speaker-query.js";

/**
 * The choice of one speaker. The manager opens it and hands it to `selectSpeaker`, which anybody may
 * override: the choice is then still reported. It can be taken over once, so that a selection
 * called within another one gets a scope of its own.
 */
export class SelectionScope extends OpenScope<"speakerSelection"> {
  /** What is finding the speaker; see `EndDetails`. */
  method: string;
  #isClaimed = false;

  constructor(groupChat: GroupChat, lastSpeaker: Agent, parent: Scope | undefined) {
    const { speakerSelectionMethod: given } = groupChat;
    const method = typeof given === "function" ? "function" : given.toLowerCase();
    super("speakerSelection", parent, { groupChat, lastSpeaker, method });
    this.method = method;
  }

  /** True once. */
  claim(): boolean {
    if (this.#isClaimed) return false;
    this.#isClaimed = true;
    return true;
  }

  /** Ends with the speaker that `work` finds. That there is none is an end, too; the error that says so goes on. */
  async settle(work: () => Promise<ConversableAgent>): Promise<ConversableAgent> {
    try {
      const speaker = await work();
      this.end({ speaker, method: this.method });
      return speaker;
    } catch (error) {
      if (isNoEligibleSpeaker(error)) this.end({ speaker: undefined, method: this.method });
      else this.fail(error);
      throw error;
    }
  }
}

/** Whether `error` says that a group chat is to end for want of a speaker. */
export function isNoEligibleSpeaker(error: unknown): boolean {
  return error instanceof AgentError && error.code === "no_eligible_speaker";
}

/** What `GroupChat.selectSpeaker` does, in the scope it was given or in one of its own. */
export async function selectSpeaker(
  groupChat: GroupChat,
  lastSpeaker: Agent,
  selector: ConversableAgent,
  context: ContextOption | undefined,
): Promise<ConversableAgent> {
  const given = context?.scope;
  const inherits = given instanceof SelectionScope && given.claim();
  const scope = inherits ? given : new SelectionScope(groupChat, lastSpeaker, given);
  const inner: CallContext = { scope, agent: selector, sender: lastSpeaker, signal: context?.signal, silent: context?.silent };
  const work = (): Promise<ConversableAgent> => select(groupChat, lastSpeaker, selector, scope, inner);
  // Whoever gave the scope ends it.
  if (inherits) return work();
  scope.claim();
  return scope.settle(work);
}

async function select(
  groupChat: GroupChat,
  lastSpeaker: Agent,
  selector: ConversableAgent,
  scope: SelectionScope,
  context: CallContext,
): Promise<ConversableAgent> {
  const given = groupChat.speakerSelectionMethod;
  const chosen: unknown = typeof given === "function" ? await orAborted(() => given(lastSpeaker, groupChat, context), context) : given;
  if (chosen === null || chosen === undefined) throw noEligibleSpeaker("the speaker selection function returned none");
  // What the function says goes: no rule is asked.
  if (typeof chosen !== "string") return member(groupChat, chosen);

  const method = checkedMethodName(chosen);
  scope.method = method;
  const candidates = await speakerCandidates(groupChat, lastSpeaker, method);
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) {
    scope.method = "only_candidate";
    return only;
  }
  let found: ConversableAgent | undefined;
  if (method === "random") found = groupChat.randomSelectSpeaker(candidates);
  if (method === "manual") found = await groupChat.manualSelectSpeaker(candidates, context);
  // As in AG2: where nobody was picked by hand the next in order speaks, but a model decides if it
  // was a function that had asked for "manual".
  if (method === "auto" || (method === "manual" && found === undefined && typeof given === "function")) {
    scope.method = "auto";
    found = await querySpeaker(groupChat, candidates, selector, context);
  }
  if (found !== undefined) return found;
  scope.method = "round_robin";
  return groupChat.nextAgent(lastSpeaker, candidates);
}

function member(groupChat: GroupChat, chosen: unknown): ConversableAgent {
  const agent = groupChat.agents.find((each) => each === chosen);
  if (agent !== undefined) return agent;
  const { name = typeof chosen } = chosen as { name?: unknown };
  throw new AgentError("invalid_option", `the speaker selection function returned \`${String(name)}\`, which is not in the group chat: return a member, the name of a method or null`);
}
