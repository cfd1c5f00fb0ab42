/** Extraction of code from messages (AG2: coding/markdown_code_extractor.py). */

import { contentText, type MessageContent } from "../message/message.js";
import { inferLanguage } from "./infer-language.js";

/** One block of code. */
export interface CodeBlock {
  /** The language, as the message names it; "" if it is not known. */
  language: string;
  /** The code, without the lines of backticks. */
  code: string;
}

/** Extracts the code from messages. */
export interface CodeExtractor {
  /** Returns the code blocks in `content`, in their order. */
  extractCodeBlocks(content: MessageContent | undefined): CodeBlock[];
}

const FENCE = "```";

/**
 * Extracts the code between lines of three backticks, as in Markdown.
 *
 * @example
 * for (const { content } of assistant.chatMessagesForSummary(user)) {
 *   const blocks = new MarkdownCodeExtractor().extractCodeBlocks(content);
 *   for (const { language, code } of blocks) console.log(language, code);
 * }
 */
export class MarkdownCodeExtractor implements CodeExtractor {
  /** Returns the code blocks in `content`; the language of a block without one is guessed. */
  extractCodeBlocks(content: MessageContent | undefined): CodeBlock[] {
    const text = contentText(content);
    const blocks: CodeBlock[] = [];
    let fence = text.indexOf(FENCE);
    while (fence >= 0) {
      const info = infoLine(text, fence + FENCE.length);
      let next = fence + 1;
      if (info !== undefined) {
        const end = closingLine(text, info.end);
        // No later block has an end either.
        if (end === undefined) break;
        const code = text.slice(info.end, end.from);
        blocks.push({ language: info.language || inferLanguage(code), code });
        next = end.to;
      }
      fence = text.indexOf(FENCE, next);
    }
    return blocks;
  }
}

// The next two read AG2's `CODE_BLOCK_PATTERN`, "```[ \t]*(\w+)?[ \t]*\r?\n(.*?)\r?\n[ \t]*```", which as a regular
// expression takes time that grows with the square of a text with many backticks.

/** The rest of the line with the opening backticks; `undefined` if it holds more than the name of a language. */
function infoLine(text: string, from: number): { readonly language: string; readonly end: number } | undefined {
  const word = blanksEnd(text, from);
  let wordEnd = word;
  while (/\w/.test(text[wordEnd] ?? "")) wordEnd += 1;
  let end = blanksEnd(text, wordEnd);
  if (text[end] === "\r") end += 1;
  return text[end] === "\n" ? { language: text.slice(word, wordEnd), end: end + 1 } : undefined;
}

/** The first line from `from` on that begins with backticks, with the line break before it. */
function closingLine(text: string, from: number): { readonly from: number; readonly to: number } | undefined {
  for (let line = text.indexOf("\n", from); line >= 0; line = text.indexOf("\n", line + 1)) {
    const fence = blanksEnd(text, line + 1);
    if (!text.startsWith(FENCE, fence)) continue;
    return { from: line > from && text[line - 1] === "\r" ? line - 1 : line, to: fence + FENCE.length };
  }
  return undefined;
}

function blanksEnd(text: string, from: number): number {
  let end = from;
  while (text[end] === " " || text[end] === "\t") end += 1;
  return end;
}
