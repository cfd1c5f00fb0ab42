/** The languages of the command line executor (AG2: coding/local_commandline_code_executor.py, coding/utils.py). */

import type { Host } from "./host.js";

/** The languages, each with its file extension and whether its code is run or only saved. */
export const LANGUAGES: Readonly<Record<string, { extension: string; isRun: boolean }>> = {
  sh: { extension: "sh", isRun: true },
  bash: { extension: "sh", isRun: true },
  python: { extension: "py", isRun: true },
  javascript: { extension: "js", isRun: true },
  html: { extension: "html", isRun: false },
  css: { extension: "css", isRun: false },
};

const OTHER_NAMES: Readonly<Record<string, string>> = {
  shell: "sh",
  py: "python",
  python3: "python",
  js: "javascript",
  node: "javascript",
};

/** The canonical name of a language. */
export function languageOf(given: string): string {
  const name = given.toLowerCase();
  return Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name]! : name;
}

/** The program that runs a language, with its first arguments. JavaScript runs in the current host. */
export function programFor(language: string, { platform, execPath }: Host["process"]): readonly string[] {
  if (language === "python") return [platform === "win32" ? "python" : "python3"];
  if (language !== "javascript") return [language];
  return "Deno" in globalThis ? [execPath, "run", "--no-prompt"] : [execPath];
}

const COMMENT_STARTS = ["<!--", "/*", "//", "#"];
const COMMENT_ENDS = ["-->", "*/"];
const LABEL = "filename:";

/**
 * The file name in the first line of code: `# filename: name.py`, in the comment style of any
 * language. As in AG2 `filename:` may be missing; here the comment must then be a file name with an
 * extension, so that other comments are not taken for one.
 */
export function requestedFileName(code: string): string | undefined {
  const line = (code.split("\n", 1)[0] ?? "").trim();
  const start = COMMENT_STARTS.find((mark) => line.startsWith(mark));
  if (start === undefined) return undefined;
  const end = COMMENT_ENDS.find((mark) => line.endsWith(mark))?.length ?? 0;
  const comment = line.slice(start.length, line.length - end).trim();
  const isLabelled = comment.startsWith(LABEL);
  const name = isLabelled ? comment.slice(LABEL.length).trim() : comment;
  return name !== "" && (isLabelled || /^[\w./\\-]+\.\w+$/.test(name)) ? name : undefined;
}

/** AG2's list of rejected commands, with its texts. */
const DANGERS: readonly (readonly [pattern: { test(code: string): boolean }, message: string])[] = [
  [/\brm\s+-rf\b/, "Use of 'rm -rf' command is not allowed."],
  [{ test: movesToNull }, "Moving files to /dev/null is not allowed."],
  [/\bdd\b/, "Use of 'dd' command is not allowed."],
  [/>\s*\/dev\/sd[a-z][1-9]?/, "Overwriting disk blocks directly is not allowed."],
  [/:\(\)\{\s*:\|:&\s*\};:/, "Fork bombs are not allowed."],
];

/** Whether a line has the word `mv` and, after it and blanks, `/dev/null`: AG2's `\bmv\b.*?\s+/dev/null`. */
function movesToNull(code: string): boolean {
  const lines = code.replace(/(?<!\s)\s+(?=\/dev\/null)/g, " ").split("\n");
  return lines.some((line) => {
    const move = line.search(/\bmv\b/);
    return move >= 0 && line.includes(" /dev/null", move);
  });
}

/** The warning for a shell script that contains a rejected command. */
export function findDangerousCommand(language: string, code: string): string | undefined {
  return language === "sh" || language === "bash" ? DANGERS.find(([pattern]) => pattern.test(code))?.[1] : undefined;
}
