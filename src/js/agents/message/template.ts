/** Texts with placeholders (AG2: oai/client.py, `OpenAIWrapper.instantiate`). */

import { AgentError } from "../util/errors.js";
import { toolResultText } from "../tools/tool-text.js";
import type { MessageContent } from "./message.js";

/** The last text of each template function, which a request without values repeats. */
const lastTexts = new WeakMap<object, string>();

/** A content with its template filled in, if there are values. */
export function instantiate(
  content: MessageContent,
  variables: Readonly<Record<string, unknown>>,
  isFormat: boolean,
): MessageContent {
  const template: unknown = content;
  if (typeof template === "function") {
    const text = isEmpty(variables)
      ? (lastTexts.get(template) ?? "")
      : String((template as (variables: unknown) => unknown)(variables));
    lastTexts.set(template, text);
    return text;
  }
  return typeof content === "string" && isFormat ? fillTemplate(content, variables) : content;
}

/**
 * Replaces `{key}` by the value of that name, `{{` and `}}` by single braces; without any values the
 * text is returned unchanged.
 *
 * @param source the name of the values' origin, for the error
 * @throws AgentError if there is no such value
 */
export function fillTemplate(text: string, variables: Readonly<Record<string, unknown>>, source = "context"): string {
  if (isEmpty(variables)) return text;
  return replacePlaceholders(text, (name) => {
    if (!Object.hasOwn(variables, name))
      throw new AgentError("invalid_message", `the template asks for \`${name}\`, which \`${source}\` does not hold`);
    return toolResultText(variables[name]);
  });
}

/** Replaces `{key}` by `valueOf(key)`, `{{` and `}}` by single braces, like Python's `str.format`. */
export function replacePlaceholders(text: string, valueOf: (name: string) => string): string {
  return text.replace(/\{\{|\}\}|\{(\w+)\}/g, (match, name: string | undefined) =>
    name === undefined ? match.slice(0, 1) : valueOf(name),
  );
}

function isEmpty(variables: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(variables).length === 0;
}
