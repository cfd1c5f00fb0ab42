/** Texts with variables (AG2: agentchat/group/context_str.py). */

import { AgentError } from "../util/errors.js";
import { toolResultText } from "../tools/tool-text.js";
import { warn } from "../util/warn.js";
import { type VariablesInput, variablesOf } from "./context-variables.js";

/**
 * A text in which `{name}` stands for a variable, `{name[key]}` for an entry of one, `{name:.2f}` for a number
 * with that many decimal places, `{{` and `}}` for braces. Lists and objects are written as JSON.
 *
 * @example
 * const text = new ContextStr("{customer} has {openOrders} open orders.");
 * console.log(text.format({ customer: "Ada", openOrders: 2 })); // "Ada has 2 open orders."
 */
export class ContextStr {
  /** The text with placeholders. */
  readonly template: string;
  readonly #warned = new Set<string>();

  /** @throws AgentError for a single brace */
  constructor(template: string) {
    this.template = template;
    const [brace] = template.replace(PLACEHOLDER, "").match(/[{}]/) ?? [];
    if (brace !== undefined)
      throw new AgentError(
        "invalid_option",
        `the template \`${template}\` has a single \`${brace}\`: write \`${brace}${brace}\` for a brace`,
      );
  }

  /**
   * The text with the values; without any variables the template itself.
   *
   * @throws AgentError if a variable is missing
   */
  format(contextVariables: VariablesInput): string {
    return this.#fill(contextVariables, (name) => {
      throw new AgentError(
        "invalid_option",
        `the template asks for \`${name}\`, which \`contextVariables\` does not hold`,
      );
    });
  }

  /** The text with the values; a placeholder without a variable stays as it is, with a warning. @internal */
  formatKnown(contextVariables: VariablesInput): string {
    return this.#fill(contextVariables, (name, placeholder) => {
      if (!this.#warned.has(name))
        warn(`the template \`${this.template}\` asks for \`${name}\`, which \`contextVariables\` does not hold`);
      this.#warned.add(name);
      return placeholder;
    });
  }

  #fill(contextVariables: VariablesInput, missing: (name: string, placeholder: string) => string): string {
    const variables = variablesOf(contextVariables);
    if (Object.keys(variables).length === 0) return this.template;
    return this.template.replace(PLACEHOLDER, (match: string, name?: string, keys = "", format = "") => {
      if (name === undefined) return match.slice(0, 1);
      if (!Object.hasOwn(variables, name)) return missing(name, match);
      let value: unknown = variables[name];
      for (const [, key = ""] of (keys as string).matchAll(/\[([^\]]*)(?:\]|$)/g))
        value = (value as Record<string, unknown> | null | undefined)?.[key];
      const decimals = /^:\.(\d+)f$/.exec(format as string)?.[1];
      return decimals === undefined ? toolResultText(value) : Number(value).toFixed(Number(decimals));
    });
  }
}

/** A doubled brace, or a placeholder: its name, its keys and its format. */
const PLACEHOLDER = /\{\{|\}\}|\{(\w+)((?:\[[^\]{}]*\])*)(:[^{}]*)?\}/g;

/** A `ContextStr`, made of a text if need be. */
export function toContextStr(template: string | ContextStr): ContextStr {
  return typeof template === "string" ? new ContextStr(template) : template;
}
