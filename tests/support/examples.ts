/** The examples in doc comments, as the compiler finds them, made into programs. */

import { join } from "node:path";
import { projectRoot } from "./project.js";
import { tool } from "./tools.js";

/** What is used of TypeScript 6, the last that programs can ask. */
interface Compiler {
  createProgram(files: readonly string[], options: object): { getTypeChecker(): Checker; getSourceFile(path: string): object | undefined };
}
interface Checker {
  getSymbolAtLocation(node: object): ModuleSymbol | undefined;
  getExportsOfModule(module: ModuleSymbol): ModuleSymbol[];
  getAliasedSymbol(symbol: ModuleSymbol): ModuleSymbol;
}
interface ModuleSymbol {
  readonly name: string;
  readonly flags: number;
  getJsDocTags(checker: Checker): { name: string; text?: { text: string }[] }[];
}

/** `SymbolFlags.Alias` and `SymbolFlags.Value` of TypeScript. */
const ALIAS = 2_097_152;
const VALUE = 111_551;

/** What examples speak of without saying where it comes from. */
const CAST: Readonly<Record<string, string>> = {
  user: "ConversableAgent",
  guide: "ConversableAgent",
  assistant: "ConversableAgent",
  search: "(query: string) => Promise<string[]>",
};

/** The examples of each exported value of a module (`path` from the project's folder), by name. */
export async function examplesOf(path: string): Promise<Map<string, string[]>> {
  const { default: typescript } = await tool<{ default: Compiler }>("typescript");
  const file = join(projectRoot, path);
  const program = typescript.createProgram([file], { module: 199, moduleResolution: 99, target: 9, noLib: true, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`\`${path}\` is no module`);
  const values = checker.getExportsOfModule(module).flatMap((symbol) => {
    const meant = symbol.flags & ALIAS ? checker.getAliasedSymbol(symbol) : symbol;
    return meant.flags & VALUE ? [{ name: symbol.name, meant }] : [];
  });
  return new Map(values.map(({ name, meant }) => {
    const tags = meant.getJsDocTags(checker).filter((tag) => tag.name === "example");
    return [name, tags.map(({ text = [] }) => text.map((part) => part.text).join("").replace(/^```\w*\n|\n```$/g, ""))];
  }));
}

/** A program around an example: imports for the public names in it, declarations for those it takes for known. */
export async function fileOfExample(example: string): Promise<string> {
  const words = new Set(example.match(/[A-Za-z_$][\w$]*/g));
  const own = new Set([...example.matchAll(/\b(?:import|const|let|function|class)\s+(?:\* as\s+)?(?:\{([^}]*)\}|([\w$]+))/g)].flatMap(([, list, name]) => (name === undefined ? (list ?? "").split(/[\s,]+/) : [name])));
  const wanted = (names: readonly string[]): string[] => names.filter((name) => words.has(name) && !own.has(name));
  const tracer = wanted(Object.keys(await import("mlflow-ag2")));
  const cast = wanted(Object.keys(CAST));
  const agents = wanted(Object.keys(await import("mlflow-ag2/agents")).filter((name) => !tracer.includes(name) && /^[A-Z]/.test(name)));
  return [
    `import { ${tracer.join(", ")} } from "mlflow-ag2";`,
    ...(own.has("mlflow") ? [] : ['import * as mlflow from "mlflow-ag2";']),
    `import { ${agents.join(", ")} } from "mlflow-ag2/agents";`,
    ...["CallContext", "ConversableAgent"].filter((name) => !own.has(name) && !agents.includes(name)).map((name) => `import type { ${name} } from "mlflow-ag2/agents";`),
    ...cast.map((name) => `declare const ${name}: ${CAST[name]};`),
    example,
    "export {};",
  ].join("\n");
}
