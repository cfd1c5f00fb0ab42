/** The code in README.md and docs/*.md compiles strictly, runs, and prints the output that they show. */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { transform } from "esbuild";
import * as mlflow from "mlflow-ag2";
import * as agents from "mlflow-ag2/agents";
import { type Script, ScriptedModel } from "mlflow-ag2/agents/testing";
import { startBrowser } from "../support/browser.js";
import { run } from "../support/child.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { projectRoot } from "../support/project.js";
import { type Block, blocks, GIVEN, scriptsOf } from "./blocks.js";

/** Inside of the project, so that `mlflow-ag2` means the package, by its `exports`. */
const FOLDER = join(projectRoot, "target", "docs");
const TSC = join(projectRoot, "node_modules", ".bin", "tsc");
const EXAMPLE_SERVER = "http://localhost:5000";
/** Where the files of the published package are, for pages. */
const PUBLISHED = "https://unpkg.com/mlflow-ag2/";
const COMPILED = ["ts", "js", "html"];

const isRun = ({ mark }: Block): boolean => mark.startsWith("run");
const isChecked = ({ mark, language }: Block): boolean =>
  COMPILED.includes(language) && !mark.startsWith("not checked");
const nameOf = ({ page, line }: Block): string => `${page} line ${line}`;

/** A block, with the blocks that it continues. */
function wholeText(block: Block): { text: string; line: number }[] {
  const before =
    block.mark === "continues"
      ? blocks
          .filter((other) => other.page === block.page && other.line < block.line && scriptsOf(other).length > 0)
          .at(-1)
      : undefined;
  return [...(before === undefined ? [] : wholeText(before)), ...scriptsOf(block)];
}

/** The texts with each line at its number on the page, for the errors of the compiler. */
function inPlace(parts: readonly { text: string; line: number }[]): string {
  let text = "";
  for (const part of parts) text += "\n".repeat(Math.max(part.line - text.split("\n").length, 0)) + part.text;
  return text;
}

test("the blocks of all pages compile as strict programs", async () => {
  const folder = join(FOLDER, "checked");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const exported = (names: object, from: string): string[] =>
    Object.keys(names)
      // A page has a `status` of its own, so blocks import ours.
      .filter((name) => name !== "status")
      .map((name) => `declare const ${name}: typeof import("${from}").${name};`);
  writeFileSync(
    join(folder, "given.d.ts"),
    [GIVEN, ...exported(mlflow, "mlflow-ag2"), ...exported(agents, "mlflow-ag2/agents")].join("\n"),
  );
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
        module: "nodenext",
        moduleDetection: "force",
        types: ["node"],
        typeRoots: [join(projectRoot, "node_modules", "@types")],
        strict: true,
        exactOptionalPropertyTypes: true,
        allowJs: true,
        checkJs: true,
        noEmit: true,
      },
      include: ["*"],
    }),
  );
  const checked = blocks.filter(isChecked);
  assert.ok(checked.length >= 20, `only ${checked.length}`);
  for (const block of checked) {
    const extension = scriptsOf(block)[0]?.extension;
    if (extension !== undefined)
      writeFileSync(
        join(folder, `${block.page.replace("/", "-")}.${block.line}.${extension}`),
        inPlace(wholeText(block)),
      );
  }
  const { code, stdout } = await run(TSC, ["-p", folder, "--pretty", "false"], { cwd: folder, timeoutMs: 120_000 });
  assert.equal(code, 0, stdout);
});

test("a block that is not checked has a reason, and a mark is one that is known", () => {
  const known = /^(|continues|run|run with MLflow|run in a page with MLflow|prints|not checked: .+)$/;
  assert.deepEqual(blocks.filter(({ mark }) => !known.test(mark)).map(nameOf), []);
});

describe("the blocks that are run", () => {
  let server: MlflowServer;
  let site: Server;
  let siteUrl: string;
  let page = "";
  before(async () => {
    server = await mlflowServer();
    // A model, the page that is run, and the installed package.
    site = createServer((request, response) => {
      const path = request.url ?? "/";
      const file = /^\/node_modules\/mlflow-ag2\/(pkg\/.*)$/.exec(path)?.[1];
      if (path.endsWith("/chat/completions"))
        void text(request)
          .then(completion)
          .then((answer) => response.setHeader("content-type", "application/json").end(answer));
      else if (path === "/") response.setHeader("content-type", "text/html").end(page);
      else if (file === undefined) response.writeHead(404).end();
      else response.setHeader("content-type", "text/javascript").end(readFileSync(join(projectRoot, normalize(file))));
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    siteUrl = `http://localhost:${(site.address() as AddressInfo).port}`;
    mkdirSync(join(FOLDER, "run"), { recursive: true });
  });
  after(async () => {
    site.close();
    await server.stop();
  });

  async function runInNode({ page: name, line, ...block }: Block): Promise<string> {
    const [script] = scriptsOf({ page: name, line, ...block });
    assert.ok(script);
    const file = join(FOLDER, "run", `${name.replace("/", "-")}.${line}.mjs`);
    const { code: program } = await transform(script.text, { loader: script.extension });
    writeFileSync(file, program.replaceAll(EXAMPLE_SERVER, server.uri));
    const environment = { OPENAI_BASE_URL: siteUrl.replace("localhost", "127.0.0.1"), OPENAI_API_KEY: "none" };
    const { code, stdout, stderr } = await run(process.execPath, [file], {
      cwd: projectRoot,
      environment,
      timeoutMs: 180_000,
    });
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  }

  /** Gives the text of the page once its trace has arrived. */
  async function runInPage(block: Block): Promise<string> {
    page = block.text
      .replaceAll(EXAMPLE_SERVER, server.uri)
      .replaceAll(PUBLISHED, `${siteUrl}/node_modules/mlflow-ag2/`);
    const browser = await startBrowser();
    try {
      const tab = await browser.newPage();
      const failed = new Promise<never>((_, reject) => tab.on("pageerror", reject));
      const arrived = tab.waitForResponse((answer) => answer.url() === `${server.uri}/v1/traces` && answer.ok());
      await tab.goto(siteUrl);
      await Promise.race([arrived, failed]);
      return `${await tab.locator("body").innerText()}\n`;
    } finally {
      await browser.close();
    }
  }

  for (const [index, block] of blocks.entries()) {
    if (!isRun(block)) continue;
    test(`${nameOf(block)} runs and prints its output`, async () => {
      const stdout = await (block.language === "html" ? runInPage(block) : runInNode(block));
      const printed = blocks[index + 1];
      if (printed?.mark === "prints") assert.equal(stdout.replace(/ +$/gm, ""), printed.text);
    });
  }

  test("are at least five", () => {
    assert.ok(blocks.filter(isRun).length >= 5);
  });
});

/** The model's response: by the script for the calculator, else always the same. */
async function completion(body: string): Promise<string> {
  const request = JSON.parse(body) as agents.ModelRequest;
  const script = readFileSync(join(projectRoot, "tests", "golden", "scripts", "calculator.json"), "utf8");
  return request.tools === undefined
    ? COMPLETION
    : JSON.stringify(await new ScriptedModel(JSON.parse(script) as Script).create(request));
}

/** The response to every request without tools. */
const COMPLETION = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Lisbon." } }],
  usage: { prompt_tokens: 21, completion_tokens: 5, total_tokens: 26 },
});
