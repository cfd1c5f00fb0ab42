/** Extraction of code from messages (AG2: coding/markdown_code_extractor.py, code_utils.py `infer_lang`). */

import { contentText, type MessageContent } from "../message/message.js";

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

/** AG2's `CODE_BLOCK_PATTERN`. */
const CODE_BLOCK = /```[ \t]*(\w+)?[ \t]*\r?\n(.*?)\r?\n[ \t]*```/gs;

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
    return [...contentText(content).matchAll(CODE_BLOCK)].map(([, language, code = ""]) => ({
      language: language ?? inferLanguage(code),
      code,
    }));
  }
}

/**
 * Guesses the language of code. AG2 lets Python's compiler decide whether it is Python; here patterns
 * do.
 */
function inferLanguage(code: string): string {
  if (/^(python3? |pip)/.test(code)) return "sh";
  const endsLikeC = /[;{}][ \t]*\r?$/m.test(code);
  return !endsLikeC && /^[ \t]*(import \w|from \S+ import |def \w|print\(|\w[\w, ]* = )/m.test(code) ? "python" : "";
}
