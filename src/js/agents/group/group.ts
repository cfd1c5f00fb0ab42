/** The state of one group chat by a pattern, which its parts share. */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { GroupChat } from "../group-chat/group-chat.js";
import type { GroupChatManager } from "../group-chat/group-chat-manager.js";
import type { ChatMessage } from "../message/message.js";
import type { HandoffTrigger } from "../observe/group-operations.js";
import type { Named } from "../observe/observer.js";
import type { Tool } from "../tools/tool.js";
import type { ContextVariables } from "./context-variables.js";
import type { OnCondition, OnContextCondition } from "./handoffs.js";
import type { InitiateGroupChatOptions, GroupChatOutcome } from "./initiate-group-chat.js";
import type { Pattern } from "./patterns.js";
import type { TransitionTarget } from "./targets.js";

/** A handoff that has fired. */
export interface Transition {
  /** The agent that hands off. */
  readonly from: Named;
  /** What fired. */
  readonly by: HandoffTrigger;
  /** The condition as text: a prompt, an expression, the name of a tool or guardrail. */
  readonly condition: string | undefined;
  readonly target: TransitionTarget;
}

/** A group chat by a pattern. */
export interface Group {
  readonly pattern: Pattern;
  /** The agents of the pattern. */
  readonly agents: readonly ConversableAgent[];
  /** The agents of the pattern, and those that stand for targets. */
  readonly speakers: readonly ConversableAgent[];
  /** The agents that a selection prompt names: all but the executor and those that stand for targets. */
  readonly selectable: readonly Named[];
  readonly userAgent: ConversableAgent | undefined;
  /** The agent that runs tools. */
  readonly executor: ConversableAgent;
  readonly groupChat: GroupChat;
  readonly manager: GroupChatManager;
  readonly variables: ContextVariables;
  /** The handoff that the next selection follows. */
  next: Transition | undefined;
  /** The target of a handoff: an agent that stands for it, if it is a chat of its own. */
  targetOf(condition: OnCondition | OnContextCondition): TransitionTarget;
  /** The tool that runs when the model of `caller` calls it: its own, else that of another agent. */
  toolFor(caller: ConversableAgent, name: string): Tool | undefined;
  /** The messages without the calls of handoffs, and their results. */
  withoutTransit(messages: readonly ChatMessage[]): ChatMessage[];
  /** Runs an inner group chat. */
  runInner(pattern: Pattern, options: InitiateGroupChatOptions): Promise<GroupChatOutcome>;
}

const groups = new WeakMap<ConversableAgent, Group>();

/** The group chat that `agent` takes part in. */
export function groupOf(agent: ConversableAgent): Group | undefined {
  return groups.get(agent);
}

/** Makes `group` the one that its agents take part in; returns a function that undoes it. */
export function joinGroup(group: Group): () => void {
  const before = group.agents.map((agent) => [agent, groups.get(agent)] as const);
  for (const agent of group.agents) groups.set(agent, group);
  return () => {
    for (const [agent, earlier] of before)
      if (earlier !== undefined && groups.get(agent) === group) groups.set(agent, earlier);
  };
}
