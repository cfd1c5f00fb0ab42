/** Selection of the next speaker of a group (AG2: agentchat/group/group_utils.py, `determine_next_agent`). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { SpeakerSelectionFunction } from "../group-chat/group-chat-options.js";
import { SelectionScope } from "../group-chat/speaker-selection.js";
import { emitEvent } from "../observe/emit-event.js";
import { OpenScope, runOperation } from "../observe/scope.js";
import type { CallContext } from "../types.js";
import { AgentError } from "../util/errors.js";
import type { Group, Transition } from "./group.js";
import { handoffsOf } from "./handoffs.js";
import type { NextSpeaker } from "./targets.js";

/** The selection function of a group chat; the first speaker is the pattern's initial agent. */
export function speakerSelector(groupFor: () => Group): SpeakerSelectionFunction {
  let isFirst = true;
  return async (last, groupChat, context) => {
    const group = groupFor();
    const lastSpeaker = last as ConversableAgent;
    const message = groupChat.messages.at(-1);
    /** Names what has selected the speaker, for observers. */
    const by = <Speaker>(method: string, speaker: Speaker): Speaker => {
      if (context.scope instanceof SelectionScope) context.scope.method = method;
      return speaker;
    };
    if (isFirst) {
      isFirst = false;
      return by("initial_agent", group.pattern.initialAgent);
    }
    if (message?.tool_calls) return by("tool_executor", group.executor);
    const { next } = group;
    group.next = undefined;
    if (next !== undefined) return by("handoff", await follow(group, next, lastSpeaker, context));

    const agent = lastGroupAgent(group);
    if (message?.role === "tool") return by("tool_caller", agent);
    const isUser = lastSpeaker === group.userAgent;
    if (isUser && handoffsOf(lastSpeaker).afterWorks.length === 0) return by("after_user", agent);
    return by("handoff", await afterWork(group, isUser ? lastSpeaker : agent, context));
  };
}

/** The agent that has spoken last, the executor and the user not counted. */
function lastGroupAgent({ groupChat, speakers }: Group): ConversableAgent {
  for (const { name } of groupChat.messages.toReversed()) {
    const agent = speakers.find((each) => each.name === name);
    if (agent !== undefined) return agent;
  }
  throw new AgentError("no_history", "no agent of the group has spoken: let a message be from one");
}

/** Follows the first after work of the agent that is met, else the group's. */
async function afterWork(group: Group, agent: ConversableAgent, context: CallContext): Promise<NextSpeaker> {
  const { variables, pattern } = group;
  const found = handoffsOf(agent).afterWorks.find(
    ({ available, condition }) =>
      available?.isAvailable(variables) !== false && condition?.evaluate(variables) !== false,
  );
  const condition = found?.condition && String(found.condition);
  const by = found ? "after_work" : "group_after_work";
  const target = found?.target ?? pattern.groupAfterWork;
  const speaker = await follow(group, { from: agent, by, condition, target }, agent, context);
  if (found !== undefined) {
    await emitEvent(
      { type: "afterWorksTransition", sourceAgent: agent.name, transitionTarget: target.displayName() },
      context.scope,
      context.silent,
    );
  }
  return speaker;
}

/** Resolves the target of a handoff, and reports it. */
function follow(
  group: Group,
  { from, by, condition, target }: Transition,
  current: ConversableAgent,
  context: CallContext,
): Promise<NextSpeaker> {
  const { scope: parent } = context;
  const details = { from, by, condition, targetKind: target.kind, target: target.displayName() };
  const scope = new OpenScope("handoff", parent, details);
  return runOperation(
    scope,
    async () => target.resolve(group, current, { ...context, scope }),
    (speaker) =>
      speaker === null || typeof speaker === "string"
        ? { to: undefined, method: speaker ?? undefined }
        : { to: speaker, method: undefined },
  );
}
