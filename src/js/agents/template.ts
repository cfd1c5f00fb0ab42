/** Texts with gaps (AG2: oai/client.py, `OpenAIWrapper.instantiate`). */

import { AgentError } from "./errors.js";
import type { MessageContent } from "./message.js";

/** What templates said last: a request without values for them repeats it. */
const lastTexts = new WeakMap<object, string>();

/** A content with its template filled in, if there are values for it. */
export function instantiate(content: MessageContent, variables: Readonly<Record<string, unknown>>, isFormat: boolean): MessageContent {
  const template: unknown = content;
  if (typeof template === "function") {
    const text = isEmpty(variables) ? (lastTexts.get(template) ?? "") : String((template as (variables: unknown) => unknown)(variables));
    lastTexts.set(template, text);
    return text;
  }
  return typeof content === "string" && isFormat ? fillIn(content, variables) : content;
}

/**
 * Replaces `{key}` by the value of that name, `{{` and `}}` by single braces; without any values the
 * text stays as it is.
 *
 * @param source where the values come from, for the error
 * @throws AgentError when there is no such value
 */
export function fillIn(text: string, variables: Readonly<Record<string, unknown>>, source = "context"): string {
  if (isEmpty(variables)) return text;
  return fillGaps(text, (name) => {
    if (!Object.hasOwn(variables, name)) throw new AgentError("invalid_message", `the template asks for \`${name}\`, which \`${source}\` does not hold`);
    return String(variables[name]);
  });
}

/** Replaces `{key}` by what `valueOf` gives for it, `{{` and `}}` by single braces, as Python's `str.format` does. */
export function fillGaps(text: string, valueOf: (name: string) => string): string {
  return text.replace(/\{\{|\}\}|\{(\w+)\}/g, (match, name: string | undefined) => (name === undefined ? match.slice(0, 1) : valueOf(name)));
}

function isEmpty(variables: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(variables).length === 0;
}
