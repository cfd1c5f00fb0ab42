/** Selection of the next speaker of a group chat (AG2: agentchat/groupchat.py, `GroupChat.select_speaker`). */

import type { Agent, CallContext, ContextOption } from "../types.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { GroupChat } from "./group-chat.js";
import { checkedMethodName } from "./group-chat-options.js";
import type { Scope } from "../observe/observer.js";
import { OpenScope, raceAbort } from "../observe/scope.js";
import { noEligibleSpeaker, speakerCandidates } from "./speaker-candidates.js";
import { querySpeaker } from "./speaker-query.js";

/**
 * The selection of one speaker. The manager opens it and passes it to `selectSpeaker`, so that an
 * overridden method is reported too. It can be claimed once, so that a selection inside of another
 * one gets its own scope.
 */
export class SelectionScope extends OpenScope<"speakerSelection"> {
  /** The method that selects the speaker; see `EndDetails`. */
  method: string;
  #isClaimed = false;

  constructor(groupChat: GroupChat, lastSpeaker: Agent, parent: Scope | undefined) {
    const { speakerSelectionMethod: given } = groupChat;
    const method = typeof given === "function" ? "function" : given.toLowerCase();
    super("speakerSelection", parent, { groupChat, lastSpeaker, method });
    this.method = method;
  }

  /** Claims the scope: true for the first call, then false. */
  claim(): boolean {
    if (this.#isClaimed) return false;
    this.#isClaimed = true;
    return true;
  }

  /**
   * Runs `work` and ends with its speaker, or without one for the error `no_eligible_speaker`; errors are thrown
   * again.
   */
  async run(work: () => Promise<ConversableAgent>): Promise<ConversableAgent> {
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

/** Whether `error` ends a group chat because there is no next speaker. */
export function isNoEligibleSpeaker(error: unknown): boolean {
  return error instanceof AgentError && error.code === "no_eligible_speaker";
}

/** Implements `GroupChat.selectSpeaker`, in the scope of `context` or in a new one. */
export async function selectSpeaker(
  groupChat: GroupChat,
  lastSpeaker: Agent,
  selector: ConversableAgent,
  context: ContextOption | undefined,
): Promise<ConversableAgent> {
  const given = context?.scope;
  const inherits = given instanceof SelectionScope && given.claim();
  const scope = inherits ? given : new SelectionScope(groupChat, lastSpeaker, given);
  const inner: CallContext = {
    scope,
    agent: selector,
    sender: lastSpeaker,
    signal: context?.signal,
    silent: context?.silent,
  };
  const work = (): Promise<ConversableAgent> => select(groupChat, lastSpeaker, selector, scope, inner);
  // The scope ends where it was opened.
  if (inherits) return work();
  scope.claim();
  return scope.run(work);
}

async function select(
  groupChat: GroupChat,
  lastSpeaker: Agent,
  selector: ConversableAgent,
  scope: SelectionScope,
  context: CallContext,
): Promise<ConversableAgent> {
  const given = groupChat.speakerSelectionMethod;
  const chosen: unknown =
    typeof given === "function" ? await raceAbort(() => given(lastSpeaker, groupChat, context), context) : given;
  if (chosen === null || chosen === undefined) throw noEligibleSpeaker("the speaker selection function returned none");
  // No rules apply to an agent that the function returns.
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
  // As in AG2: if a person selects no agent, the next member in order speaks; but if a function has
  // returned "manual", a model selects.
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
  throw new AgentError(
    "invalid_option",
    `the speaker selection function returned \`${String(name)}\`, which is not in the group chat: ` +
      "return a member, the name of a method or null",
  );
}
