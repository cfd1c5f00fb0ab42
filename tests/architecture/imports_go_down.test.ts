/** Which folder may import which: the tables of ARCHITECTURE.md, compared with the import lines. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

/** The rows of a table of ARCHITECTURE.md: what each module or folder may import, itself included. */
function tableBelow(header: string): ReadonlyMap<string, { values: string[]; types: string[] }> {
  const table = textOf("ARCHITECTURE.md").split(`\n| ${header} |`)[1]?.split("\n\n")[0];
  assert.ok(table, `no table "${header}"`);
  const names = (cell: string): string[] => [...cell.matchAll(/`([\w/-]+)`/g)].map(([, name]) => name!);
  const rows = [...table.matchAll(/^\| `(?:src\/)?(\w+)(?:\/|\.rs)?` \|.*\|([^|]*)\|$/gm)];
  return new Map(
    rows.map(([, name, cell]) => {
      const [values = "", types = ""] = cell!.split(/\bt (?=`)/);
      return [name!, { values: [name!, ...names(values)], types: names(types) }];
    }),
  );
}

/** The modules of the core and the bindings. */
const RUST_MODULES = tableBelow("Module");
/** The folders of the API. */
const API_FOLDERS = tableBelow("Folder");

/** The npm package that the build bundles into a file. Such a file imports nothing else, as that would be doubled. */
const BUNDLED: Record<string, string> = {
  "src/js/agents/models/server-sent-events.ts": "eventsource-parser",
  "src/js/unplugin/parse-module.ts": "acorn",
};

function rustModule(path: string): string {
  return path
    .replace(/^src\//, "")
    .split("/")[0]!
    .replace(/\.rs$/, "");
}

/** The modules that a file names by `crate::`, but for those in doc comments. The type at the top is in `tracer`. */
function namedModules(path: string): string[] {
  const code = textOf(path).replaceAll(/^\s*\/\/[/!].*$/gm, "");
  return [...code.matchAll(/\bcrate::(\w+)/g)].map(([, name]) => (name === "Tracer" ? "tracer" : name!));
}

test("Rust modules name only the modules below them", () => {
  const wrong: string[] = [];
  for (const path of filesBelow("src", ".rs")) {
    const module = rustModule(path);
    if (module === "lib") continue;
    const allowed = RUST_MODULES.get(module)?.values;
    assert.ok(allowed, `${path} is in a module without a row in ARCHITECTURE.md`);
    assert.doesNotMatch(textOf(path), /\bcrate::\{/, `${path}: name one module in each import`);
    for (const named of namedModules(path)) if (!allowed.includes(named)) wrong.push(`${path} names crate::${named}`);
  }
  assert.deepEqual(wrong, []);
});

test("the rule about modules finds a wrong import", () => {
  assert.ok(namedModules("src/tracer.rs").includes("export"));
  assert.ok(namedModules("src/wasm/tracer.rs").includes("ag2"));
  assert.equal(RUST_MODULES.get("ag2")?.values.includes("mlflow"), false);
});

test("only the crate's root asks for the wasm32 target", () => {
  const asking = filesBelow("src", ".rs").filter((path) => textOf(path).includes("target_arch"));
  assert.deepEqual(asking, ["src/lib.rs"]);
});

function apiFolder(path: string): string {
  return path
    .replace(/^src\/js\//, "")
    .split("/")[0]!
    .replace(/\.ts$/, "");
}

function importsOf(path: string): { specifier: string; typesOnly: boolean }[] {
  const text = textOf(path);
  const statements = text.matchAll(/^(?:import|export)\b([^;"']*?)\bfrom\s+["']([^"']+)["']/gm);
  return [...statements].map(([, clause, specifier]) => ({
    specifier: specifier!,
    typesOnly: clause!.trim().startsWith("type"),
  }));
}

/** Frameworks: optional, since only programs that have them import their adapters, or the view's types for them. */
const PEERS = (JSON.parse(textOf("package.json")) as { peerDependencies: Record<string, string> }).peerDependencies;

function isPeerOfAdapter(path: string, specifier: string): boolean {
  return path.startsWith("src/js/adapters/") && specifier in PEERS;
}

/** Declarations for the JSX of frameworks are types alone. */
function isPeerOfView(path: string, specifier: string, typesOnly: boolean): boolean {
  return path.startsWith("src/js/view/jsx/") && typesOnly && (specifier in PEERS || `@types/${specifier}` in PEERS);
}

test("an adapter imports the public names, what adapters share and its framework, and no other adapter", () => {
  const wrong: string[] = [];
  for (const path of filesBelow("src/js/adapters", ".ts")) {
    const [, folder] = /^src\/js\/adapters\/([\w-]+)\//.exec(path) ?? [];
    for (const { specifier } of importsOf(path)) {
      const target = specifier.startsWith(".") ? join(dirname(path), specifier) : specifier;
      const isShared = /^src\/js\/adapters\/[\w-]+\.js$/.test(target);
      // The rules of options serve all of the package.
      const isRules = path === "src/js/adapters/options.ts" && target === "src/js/agents/util/option-rules.js";
      const isOwn = folder !== undefined && target.startsWith(`src/js/adapters/${folder}/`);
      if (target !== "src/js/index.js" && !isShared && !isRules && !isOwn && !isPeerOfAdapter(path, specifier))
        wrong.push(`${path} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("frameworks are optional", () => {
  const { peerDependenciesMeta } = JSON.parse(textOf("package.json")) as {
    peerDependenciesMeta: Record<string, { optional: boolean }>;
  };
  assert.deepEqual(
    Object.keys(PEERS).filter((name) => peerDependenciesMeta[name]?.optional !== true),
    [],
  );
});

test("folders of the API import only the folders below them, and nothing from npm or a host", () => {
  const wrong: string[] = [];
  for (const path of filesBelow("src/js", ".ts")) {
    const allowed = API_FOLDERS.get(apiFolder(path));
    assert.ok(allowed, `${path} is in a folder without a row in ARCHITECTURE.md`);
    for (const { specifier, typesOnly } of importsOf(path)) {
      if (!specifier.startsWith(".")) {
        const isPeer = isPeerOfAdapter(path, specifier) || isPeerOfView(path, specifier, typesOnly);
        if (BUNDLED[path] !== specifier && !isPeer) wrong.push(`${path} imports ${specifier}`);
        continue;
      }
      const target = join(dirname(path), specifier);
      if (allowed.values.includes(target.replace(/^src\/js\/|\.js$/g, ""))) continue;
      const name = target.startsWith("src/wasm/") ? "pkg/wasm" : apiFolder(target.replace(/\.js$/, ".ts"));
      if (!allowed.values.includes(name) && !(typesOnly && allowed.types.includes(name)))
        wrong.push(`${path} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("the rule about folders finds a wrong import", () => {
  assert.equal(API_FOLDERS.get("agents")?.values.includes("bridge"), false);
  const specifiers = importsOf("src/js/entry/inline.ts").map(({ specifier }) => specifier);
  assert.ok(specifiers.includes("../../wasm/inline.js"));
});
