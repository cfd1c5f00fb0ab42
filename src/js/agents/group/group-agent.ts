/** The behaviour that an agent has in a group (AG2: agentchat/group/group_utils.py, `establish_group_agent`). */

import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { ReplyFunction } from "../agent/reply-chain.js";
import type { ChatMessage } from "../message/message.js";
import { emitEvent } from "../observe/emit-event.js";
import { normalizeName, Tool } from "../tools/tool.js";
import { setLlmConfig } from "../tools/tool-registration.js";
import { AgentError } from "../util/errors.js";
import { type Group, groupOf } from "./group.js";
import { handoffsOf, type OnCondition } from "./handoffs.js";

/** The handoffs of an agent that its model was offered last, by the name of their tool. */
const offers = new WeakMap<ConversableAgent, ReadonlyMap<string, OnCondition>>();

/** The names of all handoff tools that an agent has ever had. */
const handoffNames = new WeakMap<ConversableAgent, Set<string>>();

/** The parameters of a handoff's tool. */
const NO_PARAMETERS = { type: "object", properties: {}, required: [] };

/** The API accepts names of up to 64 characters. */
const LONGEST_NAME = 48;

const established = new WeakSet<ConversableAgent>();

/** Adds the behaviour to an agent, once. */
export function establishGroupAgent(agent: ConversableAgent): void {
  if (established.has(agent)) return;
  established.add(agent);
  agent.registerHook("updateAgentState", () => {
    const group = groupOf(agent);
    if (group !== undefined) offerHandoffs(group, agent);
  });
  agent.registerHook("processAllMessagesBeforeReply", (messages) => {
    const group = groupOf(agent);
    return group?.pattern.excludeTransitMessage ? group.withoutTransit(messages) : messages;
  });
  agent.registerReply(() => true, followContextConditions);
}

/** The first reply function: hands off by the first context condition that is met; a model is not asked. */
const followContextConditions: ReplyFunction = async (agent, _messages, _sender, _config, context) => {
  const group = groupOf(agent);
  if (group === undefined) return [false];
  const { variables } = group;
  for (const handoff of handoffsOf(agent).contextConditions) {
    const { available, condition } = handoff;
    if (available?.isAvailable(variables) === false || condition?.evaluate(variables) === false) continue;
    const target = group.targetOf(handoff);
    group.next = { from: agent, by: "context", condition: condition && String(condition), target };
    const transitionTarget = target.displayName();
    await emitEvent(
      { type: "onContextConditionTransition", sourceAgent: agent.name, transitionTarget },
      context.scope,
      context.silent,
    );
    return [true, `[Handing off to ${transitionTarget}]`];
  }
  return [false];
};

/** Names the tools of an agent's handoffs. @throws AgentError if the agent has handoffs and no model */
export function nameHandoffs(group: Group, agent: ConversableAgent): void {
  const { llmConditions } = handoffsOf(agent);
  if (llmConditions.length > 0 && agent.llmConfig === false)
    throw new AgentError(
      "missing_llm_config",
      `agent \`${agent.name}\` has an \`OnCondition\` and no model: give it an \`llmConfig\``,
    );
  const names = handoffNames.get(agent) ?? new Set();
  handoffNames.set(agent, names);
  for (const [index, condition] of llmConditions.entries()) {
    const target = normalizeName(group.targetOf(condition).normalizedName()).slice(0, LONGEST_NAME);
    condition.llmFunctionName = `transfer_to_${target}_${index + 1}`;
    names.add(condition.llmFunctionName);
  }
}

/** Offers the available handoffs to the agent's model, behind its other tools. */
export function offerHandoffs(group: Group, agent: ConversableAgent): void {
  const { llmConditions } = handoffsOf(agent);
  const { llmConfig } = agent;
  const names = handoffNames.get(agent);
  if (llmConfig === false || !names?.size) return;
  const offered = llmConditions.filter(({ available }) => available?.isAvailable(group.variables) !== false);
  offers.set(agent, new Map(offered.map((condition) => [String(condition.llmFunctionName), condition])));
  const before = llmConfig.tools ?? [];
  const tools = [
    ...before.filter((tool) => !names.has((tool as { function?: { name?: string } }).function?.name ?? "")),
    ...offered.map((condition) => ({
      type: "function",
      function: {
        description: condition.condition.getPrompt(group.variables),
        name: condition.llmFunctionName,
        parameters: NO_PARAMETERS,
      },
    })),
  ];
  // A new client, only if something has changed.
  if (JSON.stringify(tools) !== JSON.stringify(before)) setLlmConfig(agent[agentState], { ...llmConfig, tools });
}

/** The tool of a handoff that the agent's model was offered. */
export function handoffTool(group: Group, agent: ConversableAgent, name: string): Tool | undefined {
  const condition = offers.get(agent)?.get(name);
  if (condition === undefined) return undefined;
  const description = condition.condition.getPrompt(group.variables);
  return new Tool<never>(() => group.targetOf(condition), { name, description, parameters: NO_PARAMETERS });
}

/** Whether an agent has, or had, a handoff with a tool of that name. */
export function isHandoffName(agent: ConversableAgent, name: string): boolean {
  return handoffNames.get(agent)?.has(name) ?? false;
}

/** The condition of a handoff's tool that the agent's model was offered. */
export function offeredCondition(agent: ConversableAgent, name: string): OnCondition | undefined {
  return offers.get(agent)?.get(name);
}

/**
 * The messages without the calls for which `isTransit` is true, and without their results. A message that is left
 * without calls and text is dropped.
 */
export function withoutCalls(messages: readonly ChatMessage[], isTransit: (name: string) => boolean): ChatMessage[] {
  const removed = new Set<string | null | undefined>();
  return messages.flatMap<ChatMessage>((message) => {
    const { tool_calls: calls, tool_responses: responses } = message;
    if (calls?.length) {
      const rest = calls.filter((call) => !isTransit(call.function.name));
      if (rest.length === calls.length) return message;
      for (const call of calls) if (!rest.includes(call)) removed.add(call.id);
      if (rest.length > 0) return { ...message, tool_calls: rest };
      const { tool_calls: _, ...text } = message;
      return text.content && text.content !== "None" ? text : [];
    }
    if (!responses || removed.size === 0) return message;
    const rest = responses.filter((response) => !removed.has(response.tool_call_id));
    if (rest.length === responses.length) return message;
    return rest.length > 0 ? { ...message, tool_responses: rest } : [];
  });
}
