/** A page's module is compiled off the main thread, unless a caller needs it before: in Chromium and Firefox. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BrowserDriver, BROWSERS } from "../support/browser-driver.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { pageOf, startStaticSite } from "../support/static-site.js";

const NAMES = "autolog, getLastActiveTraceId, getTrace, init, setExperiment, startSpan, stats, status, trace, withSpan";
const ALL = `import * as all from "/node_modules/mlflow-ag2/pkg/bundle/tracer.js"; const { ${NAMES} } = all;`;

/** Counts the ways to compile and instantiate; `arrive()` lets compilations off the main thread end. */
const COUNTING = `
  const counts = { atOnce: 0, ahead: 0, instances: 0 };
  let isCompiled = false;
  const counted = (type, name) => new Proxy(type, {
    construct(target, values) {
      counts[name]++;
      return Reflect.construct(target, values);
    },
  });
  const { compile } = WebAssembly;
  WebAssembly.Module = counted(WebAssembly.Module, "atOnce");
  WebAssembly.Instance = counted(WebAssembly.Instance, "instances");
  let arrive = () => {};
  let arrival = Promise.resolve();
  const hold = () => void (arrival = new Promise((resolve) => (arrive = resolve)));
  WebAssembly.compile = async (bytes) => {
    counts.ahead++;
    await arrival;
    const module = await compile.call(WebAssembly, bytes);
    setTimeout(() => (isCompiled = true), 0);
    return module;
  };
  const until = async (isMet) => {
    while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const failureOf = (work) => {
    try {
      work();
      return "";
    } catch ({ code }) {
      return code;
    }
  };
  const treeOf = async (traceId = getLastActiveTraceId()) => {
    const { data } = await getTrace(traceId);
    return data.spans.map(({ name, inputs, outputs, parentId }) => [name, inputs, outputs, parentId !== null]);
  };
`;

/** Manual spans; `between` is called before each of the steps, with the number of the step. */
const WORK = `
  const work = async (between) => {
    await between(0);
    const root = startSpan({ name: "root", inputs: { question: "2 + 2" } });
    await between(1);
    const child = startSpan({ name: "child", parent: root });
    await between(2);
    child.end({ outputs: 4 });
    await between(3);
    root.end({ outputs: "four" });
    await between(4);
    return treeOf(root.traceId);
  };
`;
const TREE = [
  ["root", { question: "2 + 2" }, "four", false],
  ["child", null, 4, true],
];

declare const self: { result: unknown };

for (const [name, start] of Object.entries(BROWSERS)) {
  describe(`in ${name}, the module of a page`, () => {
    let browser: BrowserDriver;
    let project: string;
    before(async () => {
      project = await userProject(temporaryFolder("compiled-ahead"));
      browser = await start();
    });
    after(() => browser?.close());

    /** What a page's program leaves in `self.result`. */
    async function resultOf(program: string, headers: Record<string, string> = {}): Promise<unknown> {
      const site = await startStaticSite(project, {
        pages: { "/index.html": pageOf("/page.js"), "/page.js": `${ALL}${COUNTING}${WORK}${program}` },
        headers,
      });
      try {
        await browser.open(site.uri);
        return await browser.until(() => self.result);
      } finally {
        await site.stop();
      }
    }

    test("is compiled off the main thread once tracing is switched on", async () => {
      const result = await resultOf(`
        init({ trackingUri: "memory:", maxBufferSpans: 10 });
        autolog();
        const before = { ...counts };
        await until(() => counts.instances === 1);
        self.result = { before, tree: await work(() => {}), counts };
      `);
      const before = { atOnce: 0, ahead: 0, instances: 0 };
      assert.deepEqual(result, { before, tree: TREE, counts: { atOnce: 0, ahead: 1, instances: 1 } });
    });

    test("is compiled at once for an event that comes before, with the settings that wait for it", async () => {
      const result = await resultOf(`
        hold();
        init({ trackingUri: location.origin });
        autolog();
        await until(() => counts.ahead === 1);
        const span = startSpan({ name: "early" });
        const { traceId, spanId } = span;
        span.end();
        const uri = all.getTrackingUri();
        arrive();
        await until(() => isCompiled);
        self.result = { isKnown: /^tr-/.test(traceId) && spanId.length === 16, uri: uri === location.origin, counts };
      `);
      assert.deepEqual(result, { isKnown: true, uri: true, counts: { atOnce: 1, ahead: 1, instances: 1 } });
    });

    for (const moment of [0, 1, 2, 3, 4]) {
      test(`records the same tree if its compilation ends before step ${moment}`, async () => {
        const result = await resultOf(`
          hold();
          init({ trackingUri: "memory:" });
          autolog();
          await until(() => counts.ahead === 1);
          const trees = [
            await work((step) => {
              if (step !== ${moment}) return;
              arrive();
              return until(() => isCompiled);
            }),
            await work(() => {}),
          ];
          self.result = { trees, instances: counts.instances, started: stats().started };
        `);
        assert.deepEqual(result, { trees: [TREE, TREE], instances: 1, started: 4 });
      });
    }

    test("lets no mistake in an address wait", async () => {
      const result = await resultOf(`
        const wrong = ["databricks", "http://", "http://ada:secret@localhost", "https://host/a b", "mlflow.test:5000"];
        wrong.push("http://localhost:4318/v1/traces");
        self.result = wrong.map((trackingUri) => failureOf(() => init({ trackingUri })));
      `);
      assert.deepEqual(
        result,
        Array.from({ length: 6 }, () => "invalid_tracking_uri"),
      );
    });

    test("lets a program await the experiment meanwhile", async () => {
      const result = await resultOf(`
        hold();
        init({ trackingUri: location.origin });
        const experiment = setExperiment("AG2");
        await until(() => counts.ahead === 1);
        arrive();
        self.result = await experiment.catch(({ code }) => [code, counts.atOnce]);
      `);
      assert.deepEqual(result, ["not_mlflow", 0]);
    });

    test("is refused by a policy, which `status()` and `stats()` report at once", async () => {
      const result = await resultOf(
        `
        autolog();
        self.result = [status(), stats().unavailable, withSpan(() => 42), counts.instances];
      `,
        { "content-security-policy": "default-src 'none'; script-src 'self'" },
      );
      const [word, unavailable, byHand, instances] = result as [string, string, number, number];
      assert.match(word, /^blocked: .*'wasm-unsafe-eval'/);
      assert.match(unavailable, /'wasm-unsafe-eval'/);
      assert.deepEqual([byHand, instances], [42, 0]);
    });
  });
}
