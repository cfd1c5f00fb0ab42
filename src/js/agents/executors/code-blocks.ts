/** Finding code in messages (AG2: coding/markdown_code_extractor.py, code_utils.py `infer_lang`). */

import { contentText, type MessageContent } from "../message.js";

/** One piece of code. */
export interface CodeBlock {
  /** Its language, as the message names it; "" when it is not known. */
  language: string;
  /** Its text, without the lines of backticks. */
  code: string;
}

/** Finds the code in a message. */
export interface CodeExtractor {
  /** The code in `content`, in its order there. */
  extractCodeBlocks(content: MessageContent | undefined): CodeBlock[];
}

/** AG2's `CODE_BLOCK_PATTERN`. */
const CODE_BLOCK = /```[ \t]*(\w+)?[ \t]*\r?\n(.*?)\r?\n[ \t]*```/gs;

/**
 * Finds the code between lines of three backticks, as in Markdown.
 *
 * @example
 * for (const { content } of assistant.chatMessagesForSummary(user)) {
 *   for (const { language, code } of new MarkdownCodeExtractor().extractCodeBlocks(content)) console.log(language, code);
 * }
 */
export class MarkdownCodeExtractor implements CodeExtractor {
  /** The code in `content`; a block without a language is guessed at. */
  extractCodeBlocks(content: MessageContent | undefined): CodeBlock[] {
    return [...contentText(content).matchAll(CODE_BLOCK)].map(([, language, code = ""]) => ({ language: language ?? inferred(code), code }));
  }
}

/**
 * The language of code that comes without its name. AG2 asks Python's compiler whether it is Python;
 * here that has to be told by looks.
 */
function inferred(code: string): string {
  if (/^(python3? |pip)/.test(code)) return "sh";
  const endsLikeC = /[;{}][ \t]*\r?$/m.test(code);
  return !endsLikeC && /^[ \t]*(import \w|from \S+ import |def \w|print\(|\w[\w, ]* = )/m.test(code) ? "python" : "";
}
