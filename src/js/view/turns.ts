/** The question and the answer of a trace, for the turns of a conversation. */

import type { Trace } from "../reading/trace.js";
import { isFields } from "./format.js";
import { messagesIn } from "./messages.js";

/** What was asked: the opening message, or the last message of the root's inputs. */
export function questionOf({ info, data: { spans } }: Trace): string {
  return textIn(spans[0]?.inputs, "message") ?? info.requestPreview ?? "";
}

/** What was answered: the summary, or the last message of the root's outputs; "" while there is none. */
export function answerOf({ info, data: { spans } }: Trace): string {
  return textIn(spans[0]?.outputs, "summary") ?? info.responsePreview ?? "";
}

function textIn(value: unknown, key: string): string | undefined {
  if (typeof value === "string") return value;
  const own = isFields(value) ? value[key] : undefined;
  const content = isFields(own) ? own["content"] : own;
  if (typeof content === "string" && content !== "") return content;
  const texts = messagesIn(value)?.messages.map(({ text }) => text) ?? (isFields(value) ? Object.values(value) : []);
  const text = texts.findLast((one) => typeof one === "string" && one !== "");
  // Of several fields none is known to be the text.
  return typeof text === "string" && (messagesIn(value) !== undefined || texts.length === 1) ? text : undefined;
}
