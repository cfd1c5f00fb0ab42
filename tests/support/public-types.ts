/**
 * The types of each public entry of the package as one text: what its names are declared as, without comments, sorted
 * by name, so that moving a declaration to another file changes nothing. Read by the compiler's API from the packed
 * `.d.ts` files.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "./tools.js";

/** The part of the compiler's API that is used; TypeScript 7 has no stable one, so it is that of tests/hosts/tools. */
interface Compiler {
  createProgram(files: readonly string[], options: object): Program;
  createPrinter(options: object): { printNode(hint: number, node: SyntaxNode, file: SyntaxNode): string };
  forEachChild(node: SyntaxNode, visit: (child: SyntaxNode) => void): void;
  isIdentifier(node: SyntaxNode): boolean;
  isSourceFile(node: SyntaxNode): boolean;
  isVariableStatement(node: SyntaxNode): boolean;
  EmitHint: { Unspecified: number };
  ModuleKind: { NodeNext: number };
  ModuleResolutionKind: { NodeNext: number };
  ScriptTarget: { ES2023: number };
  SymbolFlags: { Alias: number };
}

interface Program {
  getTypeChecker(): Checker;
  getSourceFile(path: string): SyntaxNode | undefined;
}

interface Checker {
  getAliasedSymbol(symbol: NamedSymbol): NamedSymbol;
  getExportsOfModule(symbol: NamedSymbol): NamedSymbol[];
  getSymbolAtLocation(node: SyntaxNode): NamedSymbol | undefined;
}

interface NamedSymbol {
  readonly name: string;
  readonly flags: number;
  readonly declarations?: readonly SyntaxNode[];
}

interface SyntaxNode {
  readonly parent: SyntaxNode | undefined;
  readonly fileName?: string;
  getSourceFile(): SyntaxNode & { fileName: string };
}

/** The texts of the package in `folder`, by the entry's subpath: `.`, `./agents` and so on. */
export async function publicTypes(folder: string): Promise<Map<string, string>> {
  const ts = await tool<Compiler>("typescript");
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  // Single files have the names of other entries.
  const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === "string" || subpath.startsWith("./bundle/")
      ? []
      : [[subpath, join(folder, target.types)] as const],
  );
  const program = ts.createProgram(
    entries.map(([, file]) => file),
    {
      lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: [],
    },
  );
  /** The first entry that exports a symbol; the others refer to it. */
  const owners = new Map<NamedSymbol, string>();
  return new Map(
    entries.map(([subpath, file]) => [subpath, new Entry(ts, program, folder, owners).text(subpath, file)]),
  );
}

/** Writes the text of one entry. */
class Entry {
  readonly #ts: Compiler;
  readonly #program: Program;
  readonly #checker: Checker;
  readonly #folder: string;
  readonly #owners: Map<NamedSymbol, string>;
  /** What the printed declarations name and this entry does not export. */
  readonly #unexported = new Set<NamedSymbol>();

  constructor(ts: Compiler, program: Program, folder: string, owners: Map<NamedSymbol, string>) {
    this.#ts = ts;
    this.#program = program;
    this.#checker = program.getTypeChecker();
    this.#folder = folder;
    this.#owners = owners;
  }

  text(subpath: string, file: string): string {
    const source = this.#program.getSourceFile(file);
    const module = source && this.#checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`no types of \`${subpath}\` in \`${file}\``);
    const entry = subpath.replace(/^\./, "mlflow-ag2");
    const names = byName(this.#checker.getExportsOfModule(module)).map((symbol) => ({
      name: symbol.name,
      target: this.#target(symbol),
    }));
    const isNew = new Set(names.map(({ target }) => target).filter((target) => !this.#owners.has(target)));
    for (const target of isNew) this.#owners.set(target, entry);
    const exported = names.map(({ name, target }) =>
      isNew.has(target) ? this.#exported(name, target) : `export { ${name} } from "${this.#owners.get(target)}";`,
    );
    const others: string[] = [];
    // Printing one may add further ones; a set is visited in the order in which it grows.
    for (const symbol of this.#unexported) if (!this.#owners.has(symbol)) others.push(this.#declarations(symbol));
    others.sort();
    if (others.length > 0) others.unshift("// Named above, but not exported:");
    return `${[`// Types of "${entry}".`, ...exported, ...others].join("\n\n")}\n`;
  }

  #exported(name: string, target: NamedSymbol): string {
    if (target.declarations?.some((node) => this.#ts.isSourceFile(node))) {
      const members = byName(this.#checker.getExportsOfModule(target));
      for (const member of members) this.#unexported.add(this.#target(member));
      return `export namespace ${name} { export { ${members.map((member) => member.name).join(", ")} }; }`;
    }
    const text = this.#declarations(target);
    return name === target.name || name === "default" ? text : `${text}\nexport { ${target.name} as ${name} };`;
  }

  #declarations(symbol: NamedSymbol): string {
    const printer = this.#ts.createPrinter({ removeComments: true });
    const statements = new Set((symbol.declarations ?? []).map((node) => this.#statement(node)));
    return [...statements]
      .map((node) => {
        this.#collect(node);
        return printer.printNode(this.#ts.EmitHint.Unspecified, node, node.getSourceFile());
      })
      .join("\n");
  }

  /** The statement that a declaration is part of: for a constant the whole `declare const`. */
  #statement(node: SyntaxNode): SyntaxNode {
    const list = node.parent?.parent;
    return list !== undefined && this.#ts.isVariableStatement(list) ? list : node;
  }

  /** Notes what of the package a declaration names. */
  #collect(node: SyntaxNode): void {
    this.#ts.forEachChild(node, (child) => {
      const symbol = this.#ts.isIdentifier(child) ? this.#checker.getSymbolAtLocation(child) : undefined;
      const target = symbol && this.#target(symbol);
      if (target?.declarations?.some((declaration) => this.#isTopLevel(declaration))) this.#unexported.add(target);
      this.#collect(child);
    });
  }

  #isTopLevel(declaration: SyntaxNode): boolean {
    const { parent } = this.#statement(declaration);
    return (
      parent !== undefined && this.#ts.isSourceFile(parent) && parent.getSourceFile().fileName.startsWith(this.#folder)
    );
  }

  #target(symbol: NamedSymbol): NamedSymbol {
    return (symbol.flags & this.#ts.SymbolFlags.Alias) !== 0 ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }
}

function byName(symbols: readonly NamedSymbol[]): NamedSymbol[] {
  return symbols.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
