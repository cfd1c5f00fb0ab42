/**
 * The conditions of handoffs (AG2: agentchat/group/llm_condition.py, context_condition.py, available_condition.py).
 */

import { invalidOption } from "../util/errors.js";
import { type ContextExpression, isTrue, toContextExpression } from "./context-expression.js";
import { type ContextStr, toContextStr } from "./context-str.js";
import { variable, type VariablesInput, variablesOf } from "./context-variables.js";

/** A condition that the agent's model judges: the description of the handoff's tool. */
export interface LLMCondition {
  /** The description of the handoff's tool. */
  getPrompt(contextVariables: VariablesInput): string;
}

/** A condition over the context variables. */
export interface ContextCondition {
  /** Whether the condition is met. */
  evaluate(contextVariables: VariablesInput): boolean;
  /** The condition as text, for traces. */
  toString(): string;
}

/** Decides whether a handoff is offered. */
export interface AvailableCondition {
  /** Whether the handoff is offered. */
  isAvailable(contextVariables: VariablesInput): boolean;
}

/**
 * A condition for a model, as a plain text.
 *
 * @example
 * const billing = new AssistantAgent({ name: "billing", llmConfig });
 * const condition = new StringLLMCondition("The customer wants an invoice.");
 * handoffsOf(assistant).add(new OnCondition({ target: new AgentTarget(billing), condition }));
 */
export class StringLLMCondition implements LLMCondition {
  /** The description of the handoff's tool. */
  readonly prompt: string;

  /** Creates a condition with this description of the handoff's tool. */
  constructor(prompt: string) {
    if (typeof prompt !== "string") throw invalidOption("prompt", "a text: the description of the handoff");
    this.prompt = prompt;
  }

  /** The description of the handoff's tool. */
  getPrompt(): string {
    return this.prompt;
  }
}

/**
 * A condition for a model, with context variables in its text. A placeholder without a variable stays as it is.
 *
 * @example
 * const condition = new ContextStrLLMCondition("{customer} asks for a refund.");
 * handoffsOf(assistant).add(new OnCondition({ target: new TerminateTarget(), condition }));
 */
export class ContextStrLLMCondition implements LLMCondition {
  /** The text with placeholders. */
  readonly contextStr: ContextStr;

  /** Creates a condition with this text. */
  constructor(contextStr: string | ContextStr) {
    this.contextStr = toContextStr(contextStr);
  }

  /** The description of the handoff's tool, with the present values. */
  getPrompt(contextVariables: VariablesInput): string {
    return this.contextStr.formatKnown(contextVariables);
  }
}

/**
 * A condition that is met while a variable counts as true: not missing, `false`, 0, "", null or empty.
 *
 * @example
 * const condition = new StringContextCondition("isUrgent");
 * handoffsOf(assistant).add(new OnContextCondition({ target: new TerminateTarget(), condition }));
 */
export class StringContextCondition implements ContextCondition {
  /** The name of the variable. */
  readonly variableName: string;

  /** Creates a condition on the variable of this name. */
  constructor(variableName: string) {
    if (typeof variableName !== "string") throw invalidOption("variableName", "a text: the name of a variable");
    this.variableName = variableName;
  }

  /** Whether the variable counts as true. */
  evaluate(contextVariables: VariablesInput): boolean {
    return isTrue(variable(variablesOf(contextVariables), this.variableName));
  }

  /** The variable as an expression. */
  toString(): string {
    return `\${${this.variableName}}`;
  }
}

/**
 * A condition that is met while an expression counts as true.
 *
 * @example
 * const condition = new ExpressionContextCondition("${openOrders} >= 3 and not ${isPaid}");
 * handoffsOf(assistant).add(new OnContextCondition({ target: new TerminateTarget(), condition }));
 */
export class ExpressionContextCondition implements ContextCondition {
  /** The expression. */
  readonly expression: ContextExpression;

  /** Creates a condition of an expression, or of its text. */
  constructor(expression: string | ContextExpression) {
    this.expression = toContextExpression(expression);
  }

  /** Whether the expression counts as true. */
  evaluate(contextVariables: VariablesInput): boolean {
    return isTrue(this.expression.evaluate(contextVariables));
  }

  /** The text of the expression. */
  toString(): string {
    return this.expression.expression;
  }
}

/**
 * Offers a handoff while a variable counts as true.
 *
 * @example
 * const available = new StringAvailableCondition("isLoggedIn");
 * const condition = new StringLLMCondition("The customer wants to leave.");
 * handoffsOf(assistant).add(new OnCondition({ target: new TerminateTarget(), condition, available }));
 */
export class StringAvailableCondition extends StringContextCondition implements AvailableCondition {
  /** Whether the variable counts as true. */
  isAvailable(contextVariables: VariablesInput): boolean {
    return this.evaluate(contextVariables);
  }
}

/**
 * Offers a handoff while an expression counts as true.
 *
 * @example
 * const available = new ExpressionAvailableCondition("${tries} < 3");
 * const condition = new StringLLMCondition("The customer wants to try again.");
 * handoffsOf(assistant).add(new OnCondition({ target: new StayTarget(), condition, available }));
 */
export class ExpressionAvailableCondition extends ExpressionContextCondition implements AvailableCondition {
  /** Whether the expression counts as true. */
  isAvailable(contextVariables: VariablesInput): boolean {
    return this.evaluate(contextVariables);
  }
}
