/**
 * Code blocks of README.md and docs/*.md. A block is shown to readers unchanged; an HTML comment on the line before it
 * tells the test what to do:
 *
 *     <!-- continues -->            it continues the block before it on the same page
 *     <!-- run -->                  it is run unchanged, and traces stay in memory
 *     <!-- run with MLflow -->      … with a real server in place of http://localhost:5000
 *     <!-- run in a page with MLflow -->  the same for a whole page, in a browser
 *     <!-- prints -->               it is what the block before it prints, or the page's text
 *     <!-- not checked: reason -->  it is neither compiled nor run
 *
 * A block that is not run may omit imports and the declarations in `GIVEN` below.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/project.js";

/** A piece of code on a page. */
export interface Block {
  /** Relative to the project: `docs/privacy.md`. */
  readonly page: string;
  /** The number of its first line, from 1 on. */
  readonly line: number;
  /** The first word behind the fence. */
  readonly language: string;
  /** The text of the comment before it; "" without one. */
  readonly mark: string;
  readonly text: string;
}

/** The pages, relative to the project. */
export const pages: readonly string[] = [
  "README.md",
  ...readdirSync(join(projectRoot, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

/** The text of a page. */
export function pageText(page: string): string {
  return readFileSync(join(projectRoot, page), "utf8");
}

/** All blocks of all pages. */
export const blocks: readonly Block[] = pages.flatMap(blocksOf);

function blocksOf(page: string): Block[] {
  const text = pageText(page);
  return [...text.matchAll(/^(?:<!-- *(.*?) *-->\n)?```(\w+)[^\n]*\n(.*?)^```$/gms)].map((match) => {
    const [whole, mark = "", language = "", code = ""] = match;
    const before = text.slice(0, match.index + whole.indexOf(code, whole.indexOf("```")));
    return { page, line: before.split("\n").length, language, mark, text: code };
  });
}

/** The code of a block for which a compiler is responsible; of a page its module scripts. */
export function scriptsOf({ language, text, line }: Block): { extension: "ts" | "js"; text: string; line: number }[] {
  if (language === "ts" || language === "js") return [{ extension: language, text, line }];
  if (language !== "html") return [];
  return [...text.matchAll(/<script type="module">\n?(.*?)<\/script>/gs)].map((match) => {
    const [whole, script = ""] = match;
    return {
      extension: "js",
      text: script,
      line: line + text.slice(0, match.index + whole.indexOf(script)).split("\n").length - 1,
    };
  });
}

/** Declarations that blocks may use without an import, besides the names that the package exports. */
export const GIVEN = `
declare const mlflow: typeof import("mlflow-ag2");
declare const user: import("mlflow-ag2/agents").ConversableAgent;
declare const assistant: import("mlflow-ag2/agents").ConversableAgent;
declare const model: import("mlflow-ag2/agents").ModelClient;
declare const message: string;
declare const token: string;
declare const apiKey: string;
declare module "https://unpkg.com/mlflow-ag2/pkg/bundle/tracer-and-agents.js" {
  export * from "mlflow-ag2/bundle/tracer-and-agents.js";
}
declare module "https://unpkg.com/mlflow-ag2/pkg/bundle/view.js" {
  export * from "mlflow-ag2/bundle/view.js";
}
declare const Deno: {
  serve(handler: (request: Request) => Response | Promise<Response>): unknown;
  env: { get(name: string): string | undefined };
};
`;
