/** The examples in doc comments, as the compiler finds them, made into programs. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.js";
import { tool } from "./tools.js";

/** What is used of TypeScript 6, the last that programs can ask. */
interface Compiler {
  createProgram(
    files: readonly string[],
    options: object,
  ): { getTypeChecker(): Checker; getSourceFile(path: string): object | undefined };
}
interface Checker {
  getSymbolAtLocation(node: object): Named | undefined;
  getExportsOfModule(module: Named): Named[];
  getAliasedSymbol(symbol: Named): Named;
  getDeclaredTypeOfSymbol(symbol: Named): object;
  getPropertiesOfType(type: object): Named[];
}
interface Named {
  readonly name: string;
  readonly flags: number;
  /** What belongs to a class itself. */
  readonly exports?: ReadonlyMap<string, Named>;
  getJsDocTags(checker: Checker): { name: string; text?: { text: string }[] }[];
}

/** `SymbolFlags.Alias` and `SymbolFlags.Value` of TypeScript. */
const ALIAS = 2_097_152;
const VALUE = 111_551;

/** One public name, with what its doc comments show. */
export interface PublicName {
  /** Such as `mlflow-ag2/agents`. */
  readonly entry: string;
  readonly name: string;
  /** Whether a program has it when it runs: a class, function or constant. */
  readonly isValue: boolean;
  /** The examples of the name itself. */
  readonly examples: readonly string[];
  /** Those of its properties and methods. */
  readonly memberExamples: readonly string[];
}

/** Names that examples use without a declaration: the agents and the model that a reader has. */
const FIXTURES: Readonly<Record<string, string>> = {
  user: "ConversableAgent",
  guide: "ConversableAgent",
  assistant: "ConversableAgent",
  llmConfig: "LlmConfig",
  search: "(query: string) => Promise<string[]>",
};

/** The entries of the package that have names, and where their types are. */
export function typedEntries(): { entry: string; types: string }[] {
  const { name, exports } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    name: string;
    exports: Record<string, string | { types: string }>;
  };
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === "string" ? [] : [{ entry: subpath.replace(/^\./, name), types: target.types }],
  );
}

/** All names of all entries, in the order of package.json. */
export async function publicNames(): Promise<PublicName[]> {
  const { default: typescript } = await tool<{ default: Compiler }>("typescript");
  const entries = typedEntries().map(({ entry, types }) => ({ entry, file: join(projectRoot, types) }));
  const program = typescript.createProgram(
    entries.map(({ file }) => file),
    { module: 199, moduleResolution: 99, target: 9, noLib: true, types: [] },
  );
  const checker = program.getTypeChecker();
  return entries.flatMap(({ entry, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`\`${file}\` is no module`);
    return checker.getExportsOfModule(module).map((symbol) => {
      const meant = symbol.flags & ALIAS ? checker.getAliasedSymbol(symbol) : symbol;
      const members = [
        ...checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(meant)),
        ...(meant.exports?.values() ?? []),
      ];
      return {
        entry,
        name: symbol.name,
        isValue: (meant.flags & VALUE) !== 0,
        examples: examplesOf(meant, checker),
        memberExamples: members.flatMap((member) => examplesOf(member, checker)),
      };
    });
  });
}

function examplesOf(symbol: Named, checker: Checker): string[] {
  const tags = symbol.getJsDocTags(checker).filter((tag) => tag.name === "example");
  return tags.map(({ text = [] }) => text.map((part) => part.text).join(""));
}

/**
 * A program around an example: imports for the public names in it (from `entry` if it has them), and declarations for
 * the names of `FIXTURES`.
 */
export function programOf(example: string, entry: string, names: readonly PublicName[]): string {
  const words = new Set(example.match(/[A-Za-z_$][\w$]*/g));
  const own = new Set(
    [
      ...example.matchAll(/\b(?:import|const|let|function|class)\s+(?:\* as\s+)?(?:[{[]([^}\]]*)[}\]]|([\w$]+))/g),
    ].flatMap(([, list, name]) => (name === undefined ? (list ?? "").split(/[\s,:]+/) : [name])),
  );
  const fixtures = Object.keys(FIXTURES).filter((name) => words.has(name) && !own.has(name));
  const wanted = new Map<string, PublicName>();
  const rank = (each: PublicName): number => (each.entry === entry ? 0 : each.entry === "mlflow-ag2/agents" ? 1 : 2);
  for (const each of names.toSorted((one, other) => rank(one) - rank(other))) {
    const isFree =
      !own.has(each.name) && !fixtures.includes(each.name) && !wanted.has(each.name) && each.name !== "default";
    if (isFree && words.has(each.name)) wanted.set(each.name, each);
  }
  return [
    ...[...wanted.values()].map(
      ({ name, entry: from, isValue }) => `import ${isValue ? "" : "type "}{ ${name} } from "${from}";`,
    ),
    ...(words.has("mlflow") && !own.has("mlflow") ? ['import * as mlflow from "mlflow-ag2";'] : []),
    ...fixtures.map(
      (name) => `declare const ${name}: ${FIXTURES[name]!.replace(/^(?=[A-Z])/, 'import("mlflow-ag2/agents").')};`,
    ),
    example,
    "export {};",
  ].join("\n");
}
