/**
 * Other libraries in the hosts: the same traces everywhere, whether the host keeps a context across
 * `await` or not, and many conversations at once that never mix.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import type { AllReport } from "../third_party/all.js";
import { OUTLINES, AGENT_OUTPUTS } from "../third_party/expected.js";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { runOrThrow } from "../support/child.js";
import { userProject } from "../support/packed-package.js";
import { startPageServer } from "../support/page-server.js";
import { deno, projectRoot } from "../support/project.js";
import { RESULT_MARK, resultIn } from "../support/result.js";

let project = "";
before(async () => void (project = await userProject(join(projectRoot, "target", "tests", "third_party"))));

const hosts: Record<string, () => Promise<unknown>> = {
  Node: async () => resultIn(await runOrThrow(process.execPath, ["all.js"], { cwd: project })),
  "Node without a context of its own": async () =>
    resultIn(await runOrThrow(process.execPath, ["all.js", "?context=none"], { cwd: project })),
  Deno: async () =>
    resultIn(
      await runOrThrow(
        deno(),
        ["run", "--no-remote", "--no-lock", "--no-prompt", "--node-modules-dir=manual", "all.js"],
        {
          cwd: project,
          environment: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
        },
      ),
    ),
  Chromium: async () => {
    const pages = await startPageServer(project);
    const browser = await startBrowser();
    try {
      return JSON.parse(await lineFromPage(browser, pages.page("all.js", ""), RESULT_MARK)) as unknown;
    } finally {
      await browser.close();
      await pages.stop();
    }
  },
};

for (const [host, run] of Object.entries(hosts)) {
  describe(`other libraries in ${host}`, () => {
    let report: AllReport;
    before(async () => void (report = (await run()) as AllReport));

    for (const name of Object.keys(OUTLINES)) {
      test(`${name} gives its trace`, () => {
        assert.deepEqual(report.outlines[name], OUTLINES[name]);
        if (AGENT_OUTPUTS[name] !== undefined) assert.deepEqual(report.outputs[name], AGENT_OUTPUTS[name]);
      });
    }

    test("every program sees the same at the same time as without tracing", () => {
      assert.deepEqual(report.different, []);
    });

    test("200 concurrent conversations are 200 whole traces, and no span is in the wrong one", () => {
      assert.deepEqual(report.concurrency, [
        { whole: 200, wrong: [] },
        { whole: 200, wrong: [] },
      ]);
    });

    test("no hook failed", () => {
      assert.equal(report.hookFailures, 0);
    });
  });
}

after(() => undefined);
