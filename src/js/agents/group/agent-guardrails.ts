/** The guardrails that agents have in groups, and their run (AG2: agentchat/group/group_utils.py). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { Guardrail } from "../guardrails/guardrail.js";
import type { ChatMessage } from "../message/message.js";
import { OpenScope, raceAbort, runOperation } from "../observe/scope.js";
import type { CallContext } from "../types.js";
import type { Group } from "./group.js";

/** The side of an agent that a guardrail checks. */
export type Side = "input" | "output";

const guardrails: Record<Side, WeakMap<ConversableAgent, Guardrail[]>> = {
  input: new WeakMap(),
  output: new WeakMap(),
};

/** The guardrails of an agent. */
export function guardrailsOf(agent: ConversableAgent, side: Side): readonly Guardrail[] {
  return guardrails[side].get(agent) ?? [];
}

/** Adds guardrails to those of an agent. */
export function addGuardrails(side: Side, agent: ConversableAgent, added: Guardrail | readonly Guardrail[]): void {
  guardrails[side].set(agent, [...guardrailsOf(agent, side), ...[added].flat()]);
}

/** Runs the guardrails of one side; the text of the first that is activated, else `undefined`. */
export async function runGuardrails(
  group: Group,
  agent: ConversableAgent,
  side: Side,
  checked: string | readonly ChatMessage[],
  context: CallContext,
): Promise<string | undefined> {
  for (const guardrail of guardrailsOf(agent, side)) {
    const { name, condition, target, activationMessage } = guardrail;
    const scope = new OpenScope("guardrail", context.scope, { agent, name, side, condition, checked });
    const inner = { ...context, scope };
    const { activated, justification } = await runOperation(
      scope,
      async () => raceAbort(() => guardrail.check(checked, inner), inner),
      (result) => ({ ...result, target: result.activated ? target.displayName() : undefined }),
    );
    if (!activated) continue;
    group.next = { from: agent, by: "guardrail", condition: name, target };
    return `${activationMessage}\nJustification: ${justification}`;
  }
  return undefined;
}
