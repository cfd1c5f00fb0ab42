/** The page `www` as a user sees it: in Chromium and in Firefox, under a strict content security policy. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { type Site, startSite } from "../support/site.js";
import { BROWSERS, type BrowserDriver } from "../support/browser-driver.js";
import { TREES } from "./expected_trees.js";
import { treeOf } from "./page_tree.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** An address without a server that browsers may use. */
const CLOSED = "http://127.0.0.1:9009";

let server: MlflowServer;
before(async () => void (server = await mlflowServer()));
after(() => server.stop());

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`the page in ${browser}`, () => {
    let site: Site;
    let browser: BrowserDriver;
    before(async () => {
      [site, browser] = await Promise.all([startSite([server.uri, CLOSED]), start()]);
    });
    after(async () => {
      await browser?.close();
      await site?.stop();
    });

    /** A new page without delays, unless `slow`. */
    async function visit({ slow = false, width = 1280 } = {}): Promise<void> {
      await browser.resize(width);
      await browser.open(site.url);
      if (!slow) await browser.click("#slow");
    }

    /** Returns the final text, once its traces are shown. */
    async function run(scene: string): Promise<string> {
      const before = await browser.ask(() => document.querySelectorAll("#trace-list li").length);
      await browser.click(`input[value=${scene}]`);
      await browser.click("#run");
      const text = await outcome();
      if (!text.includes("Not a single span")) await tracesShown(before + (TREES[scene]?.length ?? 1));
      return text;
    }

    function tracesShown(count: number): Promise<boolean> {
      return browser.until((count: number) => {
        const labels = [...document.querySelectorAll("#trace-list small")].map(({ textContent }) => textContent);
        return labels.length === count && !labels.some((text) => text.endsWith("running"));
      }, count);
    }

    function outcome(): Promise<string> {
      return browser.until(() => {
        const box = document.getElementById("outcome")!;
        const isOver =
          box.dataset["state"] !== undefined &&
          box.dataset["state"] !== "busy" &&
          !document.getElementById("run")!.hasAttribute("aria-disabled");
        return isOver ? box.textContent : null;
      });
    }

    test("every conversation leaves the tree of spans that belongs to it", async () => {
      await visit();
      const trees: Record<string, string[][]> = {};
      for (const [scene, { length }] of Object.entries(TREES)) {
        assert.match(await run(scene), /\d+ spans were recorded/);
        trees[scene] = [];
        for (let index = 1; index <= length; index += 1) {
          await browser.click(`#trace-list li:nth-child(${index}) button`);
          trees[scene].push(await browser.ask(treeOf));
        }
      }
      assert.deepEqual(trees, TREES);
    });

    test("a trace grows while its conversation runs", async () => {
      await visit({ slow: true });
      await browser.click("#run");
      const growing = await browser.until(() => {
        const rows =
          document.querySelector("mlflow-trace")!.shadowRoot?.querySelectorAll("[role=treeitem]").length ?? 0;
        const state = document.querySelector("mlflow-trace")!.trace?.info.state;
        return rows > 1
          ? { rows, state, isRunning: document.getElementById("run")!.hasAttribute("aria-disabled") }
          : null;
      });
      assert.ok(growing.rows < 24);
      assert.deepEqual([growing.state, growing.isRunning], ["IN_PROGRESS", true]);
      await outcome();
      await browser.until(() => document.querySelector("mlflow-trace")!.trace?.info.state === "OK");
    });

    test("disable() stops tracing, and enable() starts it again", async () => {
      await visit();
      const started = (): Promise<string | null> => browser.ask(() => document.querySelector("#stats dd")!.textContent);
      await browser.click("#autolog");
      assert.match(await browser.ask(() => document.getElementById("autolog-text")!.textContent), /is off/);
      assert.match(await run("calculator"), /177176[^]*Not a single span/);
      assert.deepEqual(
        [await started(), await browser.ask(() => document.querySelectorAll("#trace-list li").length)],
        ["0", 0],
      );
      await browser.click("#autolog");
      assert.match(await run("calculator"), /24 spans were recorded/);
      assert.equal(await started(), "24");
    });

    test("the download is the selected trace", async () => {
      await visit();
      await run("failing-tool");
      const [saved, shown, name] = await browser.ask(async (): Promise<[unknown, unknown, string]> => {
        const view = document.querySelector("mlflow-trace")!;
        const made = new Promise<Blob>((resolve) => {
          const original = URL.createObjectURL;
          URL.createObjectURL = (blob) => {
            resolve(blob as Blob);
            return original.call(URL, blob);
          };
        });
        const named = new Promise<string>((resolve) => {
          HTMLAnchorElement.prototype.click = function () {
            resolve(this.download);
          };
        });
        document.getElementById("export")!.click();
        const shown = JSON.stringify(view.trace, (_, value: unknown) =>
          typeof value === "bigint" ? String(value) : value,
        );
        return [JSON.parse(await (await made).text()), JSON.parse(shown), await named] as const;
      });
      assert.deepEqual(saved, shown);
      assert.equal((saved as { data: { spans: unknown[] } }).data.spans.length, 11);
      assert.match(name, /^tr-[0-9a-f]{32}\.json$/);
    });

    test("a server that is connected gets the trace, and the link leads to it", async () => {
      await visit();
      await browser.ask(
        (uri: string) => ((document.getElementById("tracking-uri") as HTMLInputElement).value = uri),
        server.uri,
      );
      await browser.click("#connect");
      await browser.until(() => document.getElementById("server-outcome")!.textContent.startsWith("Connected"));
      await run("failing-tool");
      await browser.until(() => document.getElementById("server-outcome")!.textContent.startsWith("Sent to"));
      const link = await browser.until(() => {
        const link = document.getElementById("open-in-mlflow") as HTMLAnchorElement;
        return link.hidden ? null : link.href;
      });
      const [, uri, experimentId, traceId] =
        /^(.*)\/#\/experiments\/(\d+)\/traces\?selectedEvaluationId=(tr-[0-9a-f]{32})$/.exec(link) ?? [];
      assert.equal(uri, server.uri);
      const stored = (await (await fetch(`${uri}/api/3.0/mlflow/traces/${traceId}`)).json()) as {
        trace: { trace_info: { trace_location: { mlflow_experiment: { experiment_id: string } } } };
      };
      assert.equal(stored.trace.trace_info.trace_location.mlflow_experiment.experiment_id, experimentId);
    });

    test("a missing server is explained, with the command to start it", async () => {
      await visit();
      await browser.ask(
        (uri: string) => ((document.getElementById("tracking-uri") as HTMLInputElement).value = uri),
        CLOSED,
      );
      await browser.click("#connect");
      const text = await browser.until(() => document.querySelector("#server-outcome code")?.textContent);
      assert.match(text, /mlflow server --port 9009 --cors-allowed-origins "http:\/\/localhost:\d+"/);
    });

    test("a server that the page's own policy forbids is explained as that", async () => {
      await visit();
      await browser.ask(
        () => ((document.getElementById("tracking-uri") as HTMLInputElement).value = "http://mlflow.example"),
      );
      await browser.click("#connect");
      assert.match(
        await browser.until(() => document.querySelector("#server-outcome code")?.textContent),
        /connect-src/,
      );
    });

    test("a user's own model gets the user's key, which is in no trace, no storage and no address", async () => {
      await visit();
      const key = "sk-very-secret-0123456789";
      await browser.ask(
        (base: string, key: string) => {
          const set = (id: string, value: string): void => {
            const field = document.getElementById(id) as HTMLInputElement;
            field.value = value;
            field.dispatchEvent(new Event("change"));
          };
          set("model-kind", "own");
          set("base-url", base);
          set("api-key", key);
        },
        `${site.url}v1`,
        key,
      );
      assert.match(await run("calculator"), /So it is\..*3 spans were recorded/s);
      assert.deepEqual(site.keys, [`Bearer ${key}`]);
      const found = await browser.ask(async (key: string) => {
        const trace = JSON.stringify(document.querySelector("mlflow-trace")!.trace, (_, value: unknown) =>
          typeof value === "bigint" ? String(value) : value,
        );
        const kept = [
          trace,
          JSON.stringify({ ...localStorage }),
          JSON.stringify({ ...sessionStorage }),
          document.cookie,
          location.href,
          document.getElementById("outcome")!.textContent,
        ];
        const databases = await indexedDB.databases();
        return {
          leaks: kept.filter((text) => text?.includes(key)),
          databases: databases.length,
          isTrace: trace.includes("initiate_chat"),
        };
      }, key);
      assert.deepEqual(found, { leaks: [], databases: 0, isTrace: true });
      assert.deepEqual(
        site.requested.filter((path) => path.includes(key)),
        [],
      );
    });

    test("axe finds nothing, in both themes and at three widths", async () => {
      await visit();
      await run("failing-tool");
      await browser.click("mlflow-trace >>> [role=treeitem]:nth-child(5)");
      await browser.run(axe);
      for (const theme of ["light", "dark"]) {
        await browser.ask((theme: string) => {
          const select = document.getElementById("theme") as HTMLSelectElement;
          select.value = theme;
          select.dispatchEvent(new Event("change"));
        }, theme);
        for (const width of [1280, 768, 360]) {
          await browser.resize(width);
          const violations = await browser.ask(async () => {
            const { axe } = window as unknown as {
              axe: {
                run(): Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[] }>;
              };
            };
            return (await axe.run()).violations.map(({ id, nodes }) => ({
              id,
              nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })),
            }));
          });
          assert.deepEqual(violations, [], `${theme}, ${width} px`);
          const overflow = await browser.ask(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.equal(overflow, 0, `${width} px`);
        }
      }
      const [light, dark] = await browser.ask(() =>
        ["light", "dark"].map((theme) => {
          document.documentElement.dataset["theme"] = theme;
          return getComputedStyle(document.querySelector("mlflow-trace")!).backgroundColor;
        }),
      );
      assert.notEqual(light, dark);
    });

    test("without a mouse: a conversation is chosen and run, and a span of it opened", async () => {
      await visit();
      await browser.ask(() => document.querySelector<HTMLElement>("input[name=scene]")!.focus());
      await browser.press("ArrowDown", "ArrowDown", "ArrowDown", "Tab", "Tab", "Tab", "Enter");
      assert.match(await outcome(), /warm/);
      await tracesShown(1);
      for (
        let steps = 0;
        steps < 20 &&
        (await browser.ask(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("role"))) !==
          "treeitem";
        steps += 1
      )
        await browser.press("Tab");
      await browser.press("End", "Enter");
      const title = await browser.ask(
        () => document.querySelector("mlflow-trace")!.shadowRoot!.querySelector(".details h3")!.textContent,
      );
      assert.equal(title, "chat_completion");
    });

    test("the page sends requests to its own site only", async () => {
      await visit();
      await run("calculator");
      const elsewhere = await browser.ask(() =>
        performance
          .getEntriesByType("resource")
          .map(({ name }) => name)
          .filter((name) => !name.startsWith(location.origin)),
      );
      assert.deepEqual(elsewhere, []);
    });
  });
}
