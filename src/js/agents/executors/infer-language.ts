/** The language of code without one (AG2: code_utils.py, `infer_lang`). */

import { isPython } from "./python-syntax.js";

/** Guesses the language of code: "sh", "python", or "" for any other. */
export function inferLanguage(code: string): string {
  return /^(python3? |pip)/.test(code) ? "sh" : isPython(code) ? "python" : "";
}
