/** The handoffs of an agent (AG2: agentchat/group/handoffs.py, on_condition.py, on_context_condition.py). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { AvailableCondition, ContextCondition, LLMCondition } from "./conditions.js";
import { TransitionTarget } from "./targets.js";

/** Options of `OnCondition`. */
export interface OnConditionOptions {
  /** The target of the handoff. */
  target: TransitionTarget;
  /** The condition that the agent's model judges. */
  condition: LLMCondition;
  /** Whether the handoff is offered; not given: always. */
  available?: AvailableCondition | undefined;
}

const ON_CONDITION_OPTIONS: OptionRules<OnConditionOptions> = { target: "any", condition: "any", available: "any" };

/**
 * A handoff that the agent's model decides: it is offered as a tool, whose description is the condition.
 *
 * @example
 * const billing = new AssistantAgent({ name: "billing", llmConfig });
 * const condition = new StringLLMCondition("The customer asks about a bill.");
 * handoffsOf(assistant).add(new OnCondition({ target: new AgentTarget(billing), condition }));
 */
export class OnCondition {
  /** The target of the handoff. */
  readonly target: TransitionTarget;
  /** The condition that the agent's model judges. */
  readonly condition: LLMCondition;
  /** Whether the handoff is offered; `undefined`: always. */
  readonly available: AvailableCondition | undefined;
  /** The name of the handoff's tool; set when a chat is prepared. */
  llmFunctionName: string | undefined;

  /** @throws AgentError without a valid target or condition */
  constructor(options: OnConditionOptions) {
    checkOptions("OnCondition", options, ON_CONDITION_OPTIONS);
    const { target, condition, available } = options;
    this.target = checkedTarget(target);
    if (typeof (condition as Partial<LLMCondition> | undefined)?.getPrompt !== "function")
      throw new AgentError(
        "invalid_option",
        "`condition` must be a condition for a model: give a `StringLLMCondition`",
      );
    this.condition = condition;
    this.available = available;
  }
}

/** Options of `OnContextCondition`. */
export interface OnContextConditionOptions {
  /** The target of the handoff. */
  target: TransitionTarget;
  /** The condition over the context variables; not given: always met. */
  condition?: ContextCondition | null | undefined;
  /** Whether the handoff is considered at all; not given: always. */
  available?: AvailableCondition | undefined;
}

/**
 * A handoff that the context variables decide. It is checked before the agent's model is asked; as after work,
 * once the agent has spoken.
 *
 * @example
 * const condition = new ExpressionContextCondition("${tries} >= 3");
 * handoffsOf(assistant).add(new OnContextCondition({ target: new TerminateTarget(), condition }));
 */
export class OnContextCondition {
  /** The target of the handoff. */
  readonly target: TransitionTarget;
  /** The condition over the context variables; `undefined`: always met. */
  readonly condition: ContextCondition | undefined;
  /** Whether the handoff is considered at all; `undefined`: always. */
  readonly available: AvailableCondition | undefined;

  /** @throws AgentError without a valid target */
  constructor(options: OnContextConditionOptions) {
    checkOptions("OnContextCondition", options, ON_CONDITION_OPTIONS);
    const { target, condition, available } = options;
    this.target = checkedTarget(target);
    if (condition != null && typeof condition.evaluate !== "function")
      throw invalidOption("condition", "a condition over variables, such as an `ExpressionContextCondition`");
    this.condition = condition ?? undefined;
    this.available = available;
  }
}

/**
 * The handoffs of one agent; its methods return it, so that they can be chained.
 *
 * @example
 * const handoffs: Handoffs = handoffsOf(assistant);
 * handoffs.setAfterWork(new TerminateTarget());
 */
export class Handoffs {
  /** The handoffs by context variables, in the order in which they are checked. */
  readonly contextConditions: OnContextCondition[] = [];
  /** The handoffs by the agent's model, in the order in which it gets their tools. */
  readonly llmConditions: OnCondition[] = [];
  /** The handoffs once the agent has spoken, in the order in which they are checked. */
  afterWorks: readonly OnContextCondition[] = [];

  /** Adds a handoff, by its class. @throws AgentError for anything else */
  add(condition: OnCondition | OnContextCondition): this {
    return this.addMany([condition]);
  }

  /** Adds handoffs, by their classes. @throws AgentError for anything else */
  addMany(conditions: readonly (OnCondition | OnContextCondition)[]): this {
    for (const condition of conditions)
      if (!(condition instanceof OnCondition))
        checked(condition, OnContextCondition, "`OnCondition` or an `OnContextCondition`");
    for (const condition of conditions)
      if (condition instanceof OnCondition) this.llmConditions.push(condition);
      else this.contextConditions.push(condition);
    return this;
  }

  /** Adds a handoff by context variables. */
  addContextCondition(condition: OnContextCondition): this {
    return this.addContextConditions([condition]);
  }

  /** Adds handoffs by context variables. */
  addContextConditions(conditions: readonly OnContextCondition[]): this {
    this.contextConditions.push(
      ...conditions.map((condition) => checked(condition, OnContextCondition, "`OnContextCondition`")),
    );
    return this;
  }

  /** Adds a handoff by the agent's model. */
  addLlmCondition(condition: OnCondition): this {
    return this.addLlmConditions([condition]);
  }

  /** Adds handoffs by the agent's model. */
  addLlmConditions(conditions: readonly OnCondition[]): this {
    this.llmConditions.push(...conditions.map((condition) => checked(condition, OnCondition, "`OnCondition`")));
    return this;
  }

  /** Replaces all after works by one, which is always met. */
  setAfterWork(target: TransitionTarget): this {
    this.afterWorks = [new OnContextCondition({ target })];
    return this;
  }

  /** Adds an after work. There is one without condition at most, the newest, and it is checked last. */
  addAfterWork(condition: OnContextCondition): this {
    checked(condition, OnContextCondition, "`OnContextCondition`");
    const last = condition.condition ? this.afterWorks.filter((each) => !each.condition) : [condition];
    const others = this.afterWorks.filter((each) => each.condition);
    this.afterWorks = [...others, ...(condition.condition ? [condition] : []), ...last];
    return this;
  }

  /** Adds after works, and drops an earlier one without condition. */
  addAfterWorks(conditions: readonly OnContextCondition[]): this {
    for (const condition of conditions) checked(condition, OnContextCondition, "`OnContextCondition`");
    const withCondition = [...this.afterWorks, ...conditions].filter((each) => each.condition);
    this.afterWorks = [...withCondition, ...conditions.filter((each) => !each.condition).slice(-1)];
    return this;
  }

  /** Removes all handoffs. */
  clear(): this {
    this.contextConditions.length = this.llmConditions.length = 0;
    this.afterWorks = [];
    return this;
  }
}

const handoffs = new WeakMap<ConversableAgent, Handoffs>();

/**
 * The handoffs of an agent (AG2: `agent.handoffs`).
 *
 * It is a function, not a property as in AG2, so that only pages that use it load it.
 *
 * @example
 * const billing = new AssistantAgent({ name: "billing", llmConfig });
 * const condition = new StringLLMCondition("The customer asks about a bill.");
 * handoffsOf(assistant)
 *   .add(new OnCondition({ target: new AgentTarget(billing), condition }))
 *   .setAfterWork(new RevertToUserTarget());
 */
export function handoffsOf(agent: ConversableAgent): Handoffs {
  if (typeof agent !== "object") throw invalidOption("agent", "an agent: `handoffsOf(agent)`");
  const known = handoffs.get(agent) ?? new Handoffs();
  handoffs.set(agent, known);
  return known;
}

function checked<Kind>(value: Kind, kind: new (options: never) => Kind, name: string): Kind {
  if (value instanceof kind) return value;
  throw new AgentError("invalid_option", `a handoff must be an ${name}`);
}

function checkedTarget(target: TransitionTarget): TransitionTarget {
  if (target instanceof TransitionTarget) return target;
  throw new AgentError("invalid_option", "`target` must be a target, such as `new AgentTarget(agent)`");
}
