/** `trace` as a decorator, compiled by TypeScript and by esbuild, in the standard form and in the legacy one. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { setTrackingUri, stats, trace } from "mlflow-ag2";
import { lastTrace } from "./reporting.js";

/** A class whose methods are decorated, some of which have the names of a property descriptor's fields. */
const PROGRAM = `
import { trace } from "mlflow-ag2";

export class Store {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  @trace({ spanType: "RETRIEVER" })
  async load(key: string): Promise<string> {
    return this.prefix + key;
  }

  @trace()
  get(key: string): string {
    return this.prefix + key;
  }

  @trace()
  set(key: string): string {
    return this.prefix + key;
  }

  @trace({ name: "the value" })
  value(): string {
    return this.prefix;
  }

  @trace()
  *words(count: number): Generator<string> {
    for (let word = 0; word < count; word += 1) yield this.prefix;
  }

  @trace()
  static open(prefix: string): Store {
    return new Store(prefix);
  }
}
`;

interface Store {
  load(key: string): Promise<string>;
  get(key: string): string;
  set(key: string): string;
  value(): string;
  words(count: number): Iterable<string>;
}

interface Program {
  Store: { open(prefix: string): Store };
}

/** Within the package, whose name its own files can import. */
const folder = join("target", "decorators");
const run = promisify(execFile);

async function compiledByTypeScript(isLegacy: boolean): Promise<unknown> {
  const base = join(folder, `tsc-${String(isLegacy)}`);
  await mkdir(base, { recursive: true });
  await writeFile(join(base, "program.mts"), PROGRAM);
  const options = [
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--types",
    "node",
    "--skipLibCheck",
    "--ignoreConfig",
  ];
  const legacy = isLegacy ? ["--experimentalDecorators"] : [];
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, ...options, ...legacy, join(base, "program.mts")]);
  return import(pathToFileURL(join(base, "program.mjs")).href);
}

let compiled = 0;

async function compiledByEsbuild(source: string, isLegacy: boolean): Promise<unknown> {
  compiled += 1;
  const outfile = join(folder, `esbuild-${compiled}.mjs`);
  await build({
    stdin: { contents: source, resolveDir: folder, loader: "ts" },
    bundle: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    outfile,
    logLevel: "silent",
    tsconfigRaw: { compilerOptions: { experimentalDecorators: isLegacy } },
  });
  return import(pathToFileURL(outfile).href);
}

/** As legacy decorators of Babel and SWC are called: with a copy of the descriptor, which they may replace. */
function compiledByBabel(): Program {
  class Plain {
    readonly prefix: string;
    constructor(prefix: string) {
      this.prefix = prefix;
    }
    async load(key: string): Promise<string> {
      return this.prefix + key;
    }
    get(key: string): string {
      return this.prefix + key;
    }
    set(key: string): string {
      return this.prefix + key;
    }
    value(): string {
      return this.prefix;
    }
    *words(count: number): Generator<string> {
      for (let word = 0; word < count; word += 1) yield this.prefix;
    }
    static open(prefix: string): Plain {
      return new Plain(prefix);
    }
  }
  type Decorator = (target: object, name: string, descriptor: object) => object | undefined;
  const apply = (target: object, name: string, decorator: unknown): void => {
    const descriptor = { ...Object.getOwnPropertyDescriptor(target, name), initializer: undefined };
    Object.defineProperty(target, name, (decorator as Decorator)(target, name, descriptor) ?? descriptor);
  };
  apply(Plain.prototype, "load", trace({ spanType: "RETRIEVER" }));
  for (const name of ["get", "set", "words"]) apply(Plain.prototype, name, trace());
  apply(Plain.prototype, "value", trace({ name: "the value" }));
  apply(Plain, "open", trace());
  return { Store: Plain };
}

async function lastSpan(): Promise<unknown[]> {
  const { name, spanType, inputs, outputs, status } = (await lastTrace()).data.spans[0]!;
  return [name, spanType, inputs, outputs, status.code];
}

before(async () => {
  setTrackingUri("memory:");
  await mkdir(folder, { recursive: true });
});
after(() => rm(folder, { recursive: true, force: true }));

const COMPILERS: Record<string, () => Promise<unknown>> = {
  "TypeScript, standard": () => compiledByTypeScript(false),
  "TypeScript, legacy": () => compiledByTypeScript(true),
  "esbuild, standard": () => compiledByEsbuild(PROGRAM, false),
  "esbuild, legacy": () => compiledByEsbuild(PROGRAM, true),
  "the conventions of Babel and SWC, legacy": () => Promise.resolve(compiledByBabel()),
};

for (const [compiler, compile] of Object.entries(COMPILERS))
  test(`decorated methods record their calls and stay what they are: ${compiler}`, async () => {
    const { Store } = (await compile()) as Program;
    const store = Store.open("a");
    assert.deepEqual((await lastSpan()).slice(0, 3), ["open", "UNKNOWN", { prefix: "a" }]);
    assert.equal(await store.load("1"), "a1");
    assert.deepEqual(await lastSpan(), ["load", "RETRIEVER", { key: "1" }, "a1", "OK"]);
    assert.equal(store.get("2"), "a2");
    assert.deepEqual(await lastSpan(), ["get", "UNKNOWN", { key: "2" }, "a2", "OK"]);
    assert.equal(store.set("3"), "a3");
    assert.deepEqual(await lastSpan(), ["set", "UNKNOWN", { key: "3" }, "a3", "OK"]);
    assert.equal(store.value(), "a");
    assert.deepEqual(await lastSpan(), ["the value", "UNKNOWN", {}, "a", "OK"]);
    assert.deepEqual([...store.words(2)], ["a", "a"]);
    assert.deepEqual(await lastSpan(), ["words", "UNKNOWN", { count: 2 }, ["a", "a"], "OK"]);
  });

describe("without parentheses", () => {
  const source = `
    import { trace } from "mlflow-ag2";
    export class Store {
      @trace value(key: string) { return key; }
      @trace static open(key: string) { return key; }
    }`;
  for (const isLegacy of [false, true])
    test(`the decorator does the same: ${isLegacy ? "legacy" : "standard"}`, async () => {
      interface Bare {
        Store: { new (): { value(key: string): string }; open(key: string): string };
      }
      const { Store } = (await compiledByEsbuild(source, isLegacy)) as Bare;
      assert.equal(new Store().value("a"), "a");
      assert.deepEqual(await lastSpan(), ["value", "UNKNOWN", { key: "a" }, "a", "OK"]);
      assert.equal(Store.open("b"), "b");
      assert.deepEqual(await lastSpan(), ["open", "UNKNOWN", { key: "b" }, "b", "OK"]);
    });
});

describe("what is no method is refused when the class is defined", () => {
  const MEMBERS = {
    accessor: "@trace() get size() { return 1; }",
    "static accessor": "@trace() static set size(value: number) {}",
    field: "@trace() load = () => 1;",
    "static field": "@trace() static load = () => 1;",
    "accessor without parentheses": "@trace get size() { return 1; }",
    "field without parentheses": "@trace load = () => 1;",
  };
  for (const isLegacy of [false, true]) {
    for (const [what, member] of Object.entries(MEMBERS))
      test(`${what}, ${isLegacy ? "legacy" : "standard"}`, async () => {
        const source = `import { trace } from "mlflow-ag2"; export class Store { ${member} }`;
        await assert.rejects(compiledByEsbuild(source, isLegacy), {
          code: "invalid_argument",
          message: /`trace` decorates methods, not a `\w+`: decorate a method, or wrap a function by `trace\(fn\)`/,
        });
      });
    test(`a class, ${isLegacy ? "legacy" : "standard"}`, async () => {
      const source = `import { trace } from "mlflow-ag2"; @trace() class Store {} export { Store };`;
      await assert.rejects(compiledByEsbuild(source, isLegacy), { code: "invalid_argument" });
    });
  }
  test("and no call of a hook has failed", () => assert.equal(stats().hookFailures, 0));
});
