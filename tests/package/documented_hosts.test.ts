/** Every code block of docs/hosts.md: the page is opened, the rest compiled. */

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { startBrowser } from "../support/browser.js";
import { run } from "../support/child.js";
import { programOf, publicNames } from "../support/examples.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { startStaticSite } from "../support/static-site.js";

const PAGE = readFileSync(join(projectRoot, "docs", "hosts.md"), "utf8");
const BLOCKS = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text = ""]) => ({ language, text }));

describe("docs/hosts.md", () => {
  let project: string;
  before(async () => void (project = await userProject(temporaryFolder("empty"))));

  test("has code of known languages only", () => {
    assert.deepEqual([...new Set(BLOCKS.map(({ language }) => String(language)))].sort(), ["html", "ts"]);
  });

  test("shows a page that works unchanged", async () => {
    const [page] = BLOCKS.filter(({ language }) => language === "html");
    const site = await startStaticSite(project, { pages: { "/index.html": page?.text ?? "" } });
    const browser = await startBrowser();
    try {
      const tab = await browser.newPage();
      await tab.goto(site.uri);
      await tab.waitForFunction(() => document.body.textContent?.trim() === "user is traced");
    } finally {
      await browser.close();
      await site.stop();
    }
  });

  test("shows programs that compile", async () => {
    for (const name of ["@types/node", "undici-types"])
      cpSync(join(projectRoot, "node_modules", name), join(project, "node_modules", name), { recursive: true });
    const names = await publicNames();
    const files: string[] = [];
    for (const [index, { text }] of BLOCKS.filter(({ language }) => language === "ts").entries()) {
      files.push(`block.${index}.ts`);
      writeFileSync(join(project, `block.${index}.ts`), programOf(text, "mlflow-ag2", names));
    }
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "es2022",
      module: "nodenext",
      lib: ["es2022", "dom"],
      types: ["node"],
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const { stdout } = await run(
      process.execPath,
      [join(projectRoot, "node_modules", "typescript", "bin", "tsc"), "--pretty", "false"],
      { cwd: project },
    );
    assert.equal(stdout, "");
    assert.ok(files.length >= 4);
  });
});
