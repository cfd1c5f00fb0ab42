/** What a page's console shows of the tracer, with a real MLflow server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { userProject } from "../support/packed-package.js";
import { type PageServer, startPageServer } from "../support/page-server.js";
import { RESULT_MARK } from "../support/result.js";

describe("the console of a page", () => {
  let mlflow: MlflowServer;
  let pages: PageServer;
  let browser: Browser;

  before(async () => {
    mlflow = await mlflowServer();
    pages = await startPageServer(await userProject(fileURLToPath(new URL("programs", import.meta.url))));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await pages?.stop();
    await mlflow?.stop();
  });

  /** What the console shows of a program until it has printed its result. */
  async function linesOf(program: string, experiment: string): Promise<string[]> {
    const page = await browser.newPage();
    const lines: string[] = [];
    const printed = new Promise<void>((resolve) => {
      page.on("console", (message) => {
        lines.push(message.text());
        if (message.text().startsWith(RESULT_MARK)) resolve();
      });
    });
    await page.goto(pages.page(program, `?${new URLSearchParams({ trackingUri: mlflow.uri, experiment })}`));
    await printed;
    await page.close();
    return lines;
  }

  test("shows no error when traces are searched in an experiment that does not exist", async () => {
    for (const name of ["no such one", "it's not there", 'not "there"', "a back\\slash\\"])
      assert.deepEqual(await linesOf("search_by_name.js", `${randomUUID()} ${name}`), [`${RESULT_MARK}{"traces":0}`]);
  });

  test("shows no error when the experiment is new, and the trace says which page it is from", async () => {
    const lines = await linesOf("one_span.js", `new in a page ${randomUUID()}`);
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0]!, /"delivered":1,"pending":0/);
    const { traceId } = JSON.parse(lines[0]!.slice(RESULT_MARK.length)) as { traceId: string };
    const stored = await fetch(`${mlflow.uri}/api/3.0/mlflow/traces/${traceId}`);
    const { trace } = (await stored.json()) as { trace: { trace_info: { trace_metadata: Record<string, string> } } };
    const metadata = trace.trace_info.trace_metadata;
    assert.equal(metadata["mlflow.source.name"], pages.page("one_span.js", ""), "without the query");
    assert.equal(metadata["mlflow_ag2.host"], "browser");
  });
});
