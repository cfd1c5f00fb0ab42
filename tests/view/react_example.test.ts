/** The example docs/react: it compiles strictly, Vite builds it, and its page shows a trace, in Chromium. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { blocks } from "../docs/blocks.js";
import { BROWSERS } from "../support/browser-driver.js";
import { runOrThrow } from "../support/child.js";
import { filesEndingIn } from "../support/files.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { startSite } from "../support/site.js";
import { toolFile } from "../support/tools.js";

const PACKAGES = ["react", "react-dom", "vite", "@types/react", "@types/react-dom", "csstype"];

test("the store of the documentation is that of the example", () => {
  const store = readFileSync(join(projectRoot, "docs", "react", "src", "traces.ts"), "utf8");
  const shown = blocks.find(({ page, text }) => page === "docs/view.md" && text.includes("MAX_TRACES"));
  assert.ok(shown !== undefined && store.endsWith(shown.text));
});

test("the example of React compiles, is built by Vite and shows the trace of its agents while they talk", async () => {
  const project = await userProject(join(projectRoot, "docs", "react"));
  for (const name of PACKAGES) {
    const link = join(project, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(toolFile(name), link, "dir");
  }
  const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  await runOrThrow(process.execPath, [compiler, "--pretty", "false"], { cwd: project });
  await runOrThrow(process.execPath, [join("node_modules", "vite", "bin", "vite.js"), "build"], { cwd: project });
  const made = join(project, "dist");
  const built = [".html", ".js", ".css"].flatMap((ending) => filesEndingIn(made, ending));
  const files = new Map(built.map((path) => [path.slice(made.length), readFileSync(path)]));
  const [site, browser] = await Promise.all([startSite([], files), BROWSERS["Chromium"]!()]);
  try {
    await browser.open(site.url);
    await browser.until(() => document.querySelector("form") !== null);
    await browser.click("form button");
    const rows = await browser.until(() => {
      const root = document.querySelector("mlflow-trace")!.shadowRoot!;
      const isDone = root.querySelector(".state")?.textContent === "✓ done";
      return isDone ? [...root.querySelectorAll("[role=treeitem] b")].map(({ textContent }) => textContent) : null;
    });
    assert.deepEqual(rows, [
      "initiate_chat",
      "assistant",
      "chat_completion",
      "user",
      "weather",
      "assistant",
      "chat_completion",
    ]);
    assert.equal(
      await browser.until(() => document.querySelector("[role=status]")?.textContent || null),
      "It is sunny in Oslo.",
    );
    await browser.click("mlflow-trace >>> [role=treeitem]:nth-child(5) b");
    assert.equal(await browser.until(() => document.getElementById("selected")?.textContent), "Selected: weather");
    await browser.click("mlflow-trace >>> [aria-label=Good]");
    const first = await browser.ask(() => document.querySelector("mlflow-trace")!.trace!.info.traceId);
    await browser.click("form button");
    await browser.until((first: string) => {
      const { trace } = document.querySelector("mlflow-trace")!;
      return trace?.info.traceId !== first && trace?.info.state === "OK";
    }, first);
  } finally {
    await Promise.all([browser.close(), site.stop()]);
  }
});
