/** The types in strict programs: every entry and module resolution, a new and an old compiler, with the DOM or not. */

import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { run } from "../support/child.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { toolFile } from "../support/tools.js";

/** Every entry, and names that only types have. */
const ENTRIES = `
import type { Fetch, InitOptions, LiveSpan, Notice, WasmSource } from "mlflow-ag2";
import * as mlflow from "mlflow-ag2";
import * as slim from "mlflow-ag2/slim";
import * as lazy from "mlflow-ag2/lazy";
import * as agents from "mlflow-ag2/agents";
import * as executors from "mlflow-ag2/agents/executors";
import * as testing from "mlflow-ag2/agents/testing";
export type All = [Fetch, InitOptions, LiveSpan, Notice, WasmSource];
export const same: [typeof mlflow, typeof mlflow] = [slim, lazy];
export { agents, executors, testing };
`;

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2022",
};
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const NODE16 = { module: "node16", moduleResolution: "node16" };
/** A page's program, and a program for Node with nothing of pages. */
const PAGE = { lib: ["es2022", "dom", "dom.iterable"], types: [] };
const NODE = { lib: ["es2022"], types: ["node"] };

const NEWEST = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
const OLDEST = (): string => toolFile("typescript-oldest/bin/tsc");

describe("the types", () => {
  let project: string;
  before(async () => {
    project = await userProject(join(projectRoot, "tests", "package", "consumers"));
    writeFileSync(join(project, "entries.ts"), ENTRIES);
    for (const name of ["@types/node", "undici-types"])
      cpSync(join(projectRoot, "node_modules", name), join(project, "node_modules", name), { recursive: true });
  });

  async function compile(name: string, compiler: string, options: object, files: readonly string[]): Promise<string> {
    const settings = join(project, `${name}.json`);
    writeFileSync(settings, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files }));
    return (await run(process.execPath, [compiler, "--project", settings, "--pretty", "false"], { cwd: project }))
      .stdout;
  }

  const CONSUMERS = ["entries.ts", "tracer.ts", "agents.ts"];

  test("a page's program compiles as bundlers resolve, and wrong uses are refused", async () => {
    assert.equal(await compile("page", NEWEST, { ...BUNDLER, ...PAGE }, CONSUMERS), "");
  });

  test("a program for Node compiles without the types of the DOM", async () => {
    assert.equal(await compile("node", NEWEST, { ...NODE16, ...NODE }, CONSUMERS), "");
  });

  test("TypeScript 5.4 compiles a page's program", async () => {
    assert.equal(await compile("old-page", OLDEST(), { ...BUNDLER, ...PAGE }, CONSUMERS), "");
  });

  test("TypeScript 5.4 compiles a program for Node without the types of the DOM", async () => {
    assert.equal(await compile("old-node", OLDEST(), { ...NODE16, ...NODE }, CONSUMERS), "");
  });

  test("an error in a program is found", async () => {
    writeFileSync(join(project, "wrong.ts"), 'import { autolog } from "mlflow-ag2";\nautolog(1);\n');
    assert.match(await compile("wrong", NEWEST, { ...NODE16, ...NODE }, ["wrong.ts"]), /wrong\.ts\(2,9\): error TS/);
  });
});
