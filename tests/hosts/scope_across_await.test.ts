/** The plug-ins that carry the scope across `await`: in a page the same traces as in Node, from every bundler. */

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build as esbuild } from "esbuild";
import { scopeAcrossAwait } from "mlflow-ag2/unplugin";
import type { Browser } from "playwright-core";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { runOrThrow } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { type Bundle, bundledBy, programIn } from "../support/matrix/minifiers.js";
import { userProject } from "../support/packed-package.js";
import { startPageServer } from "../support/page-server.js";
import { projectRoot } from "../support/project.js";
import { RESULT_MARK, resultIn } from "../support/result.js";
import type { AcrossAwaitReport } from "../third_party/across-await.js";

/** The program, and what it imports of the tests. */
const include = ["/across-await."];

const plugins: Record<string, unknown> = {
  esbuild: scopeAcrossAwait.esbuild({ include }),
  Vite: scopeAcrossAwait.vite({ include }),
  webpack: scopeAcrossAwait.webpack({ include }),
  Rollup: scopeAcrossAwait.rollup({ include }),
};

describe("a page whose modules carry the scope across await", () => {
  let project = "";
  let browser: Browser;
  let inNode: AcrossAwaitReport;
  before(async () => {
    project = await userProject(join(projectRoot, "target", "tests", "third_party"));
    browser = await startBrowser();
    inNode = resultIn(await runOrThrow(process.execPath, ["across-await.js"], { cwd: project })) as AcrossAwaitReport;
  });
  after(() => browser.close());

  const inPage = async (bundle: Bundle, plugin: unknown): Promise<AcrossAwaitReport> => {
    const out = mkdtempSync(join(project, "bundle-"));
    await bundle({ project, entry: join(project, "across-await.js"), out, plugin });
    const pages = await startPageServer(project);
    try {
      const program = programIn(out).slice(project.length + 1);
      return JSON.parse(await lineFromPage(browser, pages.page(program, ""), RESULT_MARK)) as AcrossAwaitReport;
    } finally {
      await pages.stop();
    }
  };

  test("has in Node, where the host carries it, nothing that is detached", () => {
    assert.equal(inNode.outlines.length, 4);
    assert.deepEqual([inNode.detached, inNode.hookFailures], [0, 0]);
  });

  for (const [name, bundle] of Object.entries(bundledBy))
    test(`has the traces of Node, bundled by ${name}`, async () => {
      const { outlines, hookFailures } = await inPage(bundle, plugins[name]);
      assert.deepEqual(outlines, inNode.outlines);
      assert.equal(hookFailures, 0);
    });

  test("has other traces without the plug-in", async () => {
    assert.notDeepEqual((await inPage(bundledBy["esbuild"]!, undefined)).outlines, inNode.outlines);
  });
});

test("a TypeScript module is rewritten too", async () => {
  const folder = temporaryFolder("typescript");
  writeFileSync(
    join(folder, "agent.ts"),
    "export const ask = async (from: Promise<number>): Promise<number> => await from;",
  );
  const { outputFiles } = await esbuild({
    entryPoints: [join(folder, "agent.ts")],
    bundle: true,
    format: "esm",
    external: ["mlflow-ag2"],
    write: false,
    plugins: [scopeAcrossAwait.esbuild({ include: [/agent\.ts$/] })],
  });
  assert.match(outputFiles[0]!.text, /await __mlflowAg2Carry\(from\)/);
});

test("the plug-ins refuse options that name no module", () => {
  for (const make of Object.values(scopeAcrossAwait))
    for (const options of [undefined, {}, { include: [] }])
      assert.throws(() => (make as (options: unknown) => unknown)(options), { message: /modules to rewrite/ });
});

test("each await is rewritten with its whole operand, and nothing that only looks like one", () => {
  const { transform } = scopeAcrossAwait.rollup({ include: ["agent.js"] });
  const rewritten = (code: string): string | undefined =>
    transform(code, "/src/agent.js")
      ?.code.split("\n")[0]!
      .replaceAll("__mlflowAg2CarryEach", "each")
      .replaceAll("__mlflowAg2Carry", "carry");
  const expected: Record<string, string> = {
    "await a.b(c)[0]?.d?.(e) + 1": "await carry(a.b(c)[0]?.d?.(e)) + 1",
    "await new Map([[await k, 1]]).get(x)": "await carry(new Map([[await carry(k), 1]]).get(x))",
    "await -(await x) / 2 / 3": "await carry(-(await carry(x))) / 2 / 3",
    "await (async () => { await q })()": "await carry((async () => { await carry(q) })())",
    "`${await f(`${await g()}`)} await h`": "`${await carry(f(`${await carry(g())}`))} await h`",
    "for await (const x of await y()) await z;": "for await (const x of each(await carry(y()))) await carry(z);",
    "if (a) /await x/.test(await b) // await c": "if (a) /await x/.test(await carry(b)) // await c",
    'await import("await x")': 'await carry(import("await x"))',
    "await function () { return {} }(1)": "await carry(function () { return {} }(1))",
    "await (a, b)": "await carry((a, b))",
    "label: {} /await x/.test(await b)": "label: {} /await x/.test(await carry(b))",
    "x = {} / await a / await b": "x = {} / await carry(a) / await carry(b)",
    "a++ / await b": "a++ / await carry(b)",
  };
  for (const [code, result] of Object.entries(expected)) assert.equal(rewritten(code), result);
  for (const code of [
    "a.await(b)",
    "({ await: 1, async await() {} })",
    "'await a'",
    "/[/]await a/",
    "class A { await() {} }",
  ])
    assert.equal(rewritten(code), undefined, code);
  assert.equal(transform("await a", "/src/other.js"), undefined);
});

test("a module that is no JavaScript stays as it is, and a warning says where the plug-in belongs", (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  const { transform } = scopeAcrossAwait.vite({ include: ["agent.ts"] });

  assert.equal(transform("const a: number = await b;", "/src/agent.ts"), undefined);
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /`\/src\/agent.ts` stays as it is.*behind those that turn/);
});
