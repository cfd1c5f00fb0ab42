/**
 * Preparation of a group chat by a pattern (AG2: agentchat/group/patterns/pattern.py, `prepare_group_chat`;
 * group_utils.py).
 */

import { agentState } from "../agent/agent-state.js";
import { ConversableAgent } from "../agent/conversable-agent.js";
import type { ChatResult } from "../chat/chat-result.js";
import { GroupChat } from "../group-chat/group-chat.js";
import { GroupChatManager } from "../group-chat/group-chat-manager.js";
import { gatherUsageSummary } from "../models/usage.js";
import { AgentError } from "../util/errors.js";
import type { Tool } from "../tools/tool.js";
import { type Group, joinGroup } from "./group.js";
import {
  establishGroupAgent,
  handoffTool,
  isHandoffName,
  nameHandoffs,
  offerHandoffs,
  withoutCalls,
} from "./group-agent.js";
import { groupToolExecutor } from "./group-tool-executor.js";
import { groupTurns } from "./group-turn.js";
import { guardrailsOf } from "./agent-guardrails.js";
import { handoffsOf, type OnCondition, type OnContextCondition } from "./handoffs.js";
import { speakerSelector } from "./next-speaker.js";
import type { Pattern } from "./patterns.js";
import {
  AgentNameTarget,
  AgentTarget,
  GroupManagerTarget,
  RandomAgentTarget,
  type TransitionTarget,
} from "./targets.js";

/** The name of the agent that stands for a person in groups without a `userAgent`. */
const USER_NAME = "_User";

/**
 * Prepares the group chat.
 *
 * @param hasUnnamedStart whether the chat begins with a message that names no agent
 * @param runInner runs inner group chats
 * @throws AgentError for handoffs and guardrails that lead out of the group, and for missing models
 */
export function prepareGroup(
  pattern: Pattern,
  maxRound: number,
  hasUnnamedStart: boolean,
  runInner: Group["runInner"],
): PreparedGroup {
  const { agents, userAgent, contextVariables: variables } = pattern;
  for (const agent of agents) establishGroupAgent(agent);
  checkTargets(agents);

  const self = (): Group => group;
  const executor = groupToolExecutor(self);
  const user =
    userAgent ?? (hasUnnamedStart ? new ConversableAgent({ name: USER_NAME, humanInputMode: "ALWAYS" }) : undefined);
  const wrappers = new Map<OnCondition | OnContextCondition, ConversableAgent>();
  const others = [...agents, ...(user ? [user] : [])];
  const wrap = (condition: OnCondition | OnContextCondition, agent: ConversableAgent, number: number): number => {
    if (!condition.target.wrap) return number;
    wrappers.set(condition, condition.target.wrap(agent, number, { withoutTransit, runInner }));
    return number + 1;
  };
  const withoutTransit: Group["withoutTransit"] = (messages) =>
    withoutCalls(messages, (name) => agents.some((agent) => isHandoffName(agent, name)));
  for (const agent of agents) {
    let number = 1;
    const { llmConditions, contextConditions } = handoffsOf(agent);
    for (const condition of [...llmConditions, ...contextConditions]) number = wrap(condition, agent, number);
  }
  const speakers = [...agents, ...wrappers.values()];
  const groupChat = new GroupChat({
    agents: [executor, ...speakers, ...(user ? [user] : [])],
    maxRound,
    speakerSelectionMethod: speakerSelector(self),
  });
  const manager = new GroupChatManager({ ...managerOptions(pattern), groupChat });
  const group: Group = {
    pattern,
    agents,
    speakers,
    selectable: others,
    userAgent,
    executor,
    groupChat,
    manager,
    variables,
    next: undefined,
    targetOf: (condition) => {
      const wrapper = wrappers.get(condition);
      return wrapper ? new AgentTarget(wrapper) : condition.target;
    },
    toolFor: (caller, name) => handoffTool(group, caller, name) ?? toolOf(group, caller, name),
    withoutTransit,
    runInner,
  };
  for (const agent of agents) {
    nameHandoffs(group, agent);
    offerHandoffs(group, agent);
  }
  for (const agent of [...agents, executor, manager, ...(userAgent ? [userAgent] : [])])
    (agent as { contextVariables: Record<string, unknown> }).contextVariables = variables.data;
  pattern.setHandoffs();
  groupChat.turns = groupTurns(group);
  manager[agentState].managedGroup = {
    pattern: pattern.name,
    finish: (result) => ({
      ...result,
      chatHistory: withoutUserName(result.chatHistory),
      cost: gatherUsageSummary([...groupChat.agents, manager]),
    }),
  };
  return { group, user, leave: joinGroup(group) };
}

/** A group that is ready for its chat. */
export interface PreparedGroup {
  group: Group;
  /** The agent of a person: the pattern's, or the one that stands for it. */
  user: ConversableAgent | undefined;
  /** Restores the groups that the agents took part in before. */
  leave: () => void;
}

function withoutUserName(history: ChatResult["chatHistory"]): ChatResult["chatHistory"] {
  return history.map((message) => {
    if (message.name !== USER_NAME) return message;
    const { name: _, ...unnamed } = message;
    return unnamed;
  });
}

/**
 * The tool of that name: the caller's own, else that of the last other agent that has one. (AG2 always takes the
 * last one.) A handoff that the caller is not offered is none.
 */
function toolOf({ speakers }: Group, caller: ConversableAgent, name: string): Tool | undefined {
  for (const agent of [caller, ...speakers.toReversed()]) {
    const { llmTools, tools } = agent[agentState];
    const tool = llmTools.get(name) ?? tools.get(name);
    if (tool !== undefined) return tool;
  }
  return undefined;
}

function checkTargets(agents: readonly ConversableAgent[]): void {
  const names = new Set(agents.map(({ name }) => name));
  const check = (target: TransitionTarget, agent: ConversableAgent, what: string): void => {
    const led =
      target instanceof AgentTarget || target instanceof AgentNameTarget
        ? [target.agentName]
        : target instanceof RandomAgentTarget
          ? target.agentNames
          : [];
    for (const name of led) {
      if (names.has(name)) continue;
      throw new AgentError(
        "invalid_option",
        `${what} of agent \`${agent.name}\` leads to \`${name}\`, which is not in the group: ` +
          "add it to the pattern's `agents`",
      );
    }
  };
  for (const agent of agents) {
    const { llmConditions, contextConditions, afterWorks } = handoffsOf(agent);
    for (const { target } of [...llmConditions, ...contextConditions]) check(target, agent, "a handoff");
    for (const { target } of afterWorks) check(target, agent, "an after work");
    for (const { target } of [...guardrailsOf(agent, "input"), ...guardrailsOf(agent, "output")])
      check(target, agent, "a guardrail");
  }
}

function managerOptions({ groupManagerOptions, groupAfterWork, agents }: Pattern): Pattern["groupManagerOptions"] {
  if ("groupChat" in groupManagerOptions)
    throw new AgentError(
      "invalid_option",
      "`groupManagerOptions` has a `groupChat`: leave it out, the pattern makes it",
    );
  if (groupManagerOptions.llmConfig) return groupManagerOptions;
  const targets = agents.flatMap((agent) => {
    const { llmConditions, contextConditions, afterWorks } = handoffsOf(agent);
    return [...llmConditions, ...contextConditions, ...afterWorks].map(({ target }) => target);
  });
  if ([groupAfterWork, ...targets].some((target) => target instanceof GroupManagerTarget))
    throw new AgentError(
      "missing_llm_config",
      "the group's manager has no model, and a `GroupManagerTarget` needs one: give `groupManagerOptions.llmConfig`",
    );
  return groupManagerOptions;
}
