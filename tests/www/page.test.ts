/** The page `www`, as a visitor sees it: in Chromium and in Firefox, under a strict content security policy. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { type Site, startSite } from "../support/site.js";
import { BROWSERS, type Visitor } from "../support/visitor.js";
import { treeOf } from "./page_tree.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const CALCULATOR_TURNS = [["calculator", "calculator"], ["calculator"], ["calculator"], ["calculator"], ["calculator"]];

/** What each conversation leaves, as types and names indented by depth; one list for each trace, newest first. */
const TREES: Readonly<Record<string, string[][]>> = {
  calculator: [
    [
      "CHAIN initiate_chat",
      ...CALCULATOR_TURNS.flatMap((tools) => [
        "  AGENT Assistant",
        "    LLM chat_completion",
        "  AGENT Tool Agent",
        ...tools.map((tool) => `    TOOL ${tool}`),
      ]),
      "  AGENT Assistant",
      "    LLM chat_completion",
    ],
  ],
  "group-chat": [
    [
      "CHAIN initiate_chat",
      "  AGENT chat_manager",
      "    CHAIN select_speaker",
      "      CHAIN initiate_chat",
      "        AGENT speaker_selection_agent",
      "          LLM chat_completion",
      "    AGENT Scientist",
      "      LLM chat_completion",
      "    CHAIN select_speaker",
      "      CHAIN initiate_chat",
      "        AGENT speaker_selection_agent",
      "          LLM chat_completion",
      "    AGENT Engineer",
      "      LLM chat_completion",
    ],
  ],
  "nested-chats": [
    [
      "CHAIN initiate_chat",
      "  AGENT writer",
      "    LLM chat_completion",
      "  AGENT critic",
      "    CHAIN initiate_chat",
      "      AGENT style_reviewer",
      "        LLM chat_completion",
      "      LLM chat_completion",
      "    CHAIN initiate_chat",
      "      AGENT fact_reviewer",
      "        LLM chat_completion",
      "  AGENT writer",
      "    LLM chat_completion",
    ],
  ],
  streaming: [["CHAIN initiate_chat", "  AGENT Poet", "    LLM chat_completion"]],
  "failing-tool": [
    [
      "CHAIN initiate_chat",
      "  AGENT Assistant",
      "    LLM chat_completion",
      "  AGENT User",
      "    TOOL square_root failed",
      "  AGENT Assistant",
      "    LLM chat_completion",
      "  AGENT User",
      "    TOOL square_root",
      "  AGENT Assistant",
      "    LLM chat_completion",
    ],
  ],
  "two-chats": [
    ["CHAIN initiate_chat", "  AGENT helper_B", "    LLM chat_completion"],
    [
      "CHAIN initiate_chat",
      "  AGENT helper_A",
      "    LLM chat_completion",
      "  AGENT user_A",
      "    TOOL look_up",
      "  AGENT helper_A",
      "    LLM chat_completion",
    ],
  ],
};

/** Where nobody listens, and browsers may go. */
const CLOSED = "http://127.0.0.1:9009";

let server: MlflowServer;
before(async () => void (server = await mlflowServer()));
after(() => server.stop());

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`the page in ${browser}`, () => {
    let site: Site;
    let visitor: Visitor;
    before(async () => {
      [site, visitor] = await Promise.all([startSite([server.uri, CLOSED]), start()]);
    });
    after(async () => {
      await visitor?.close();
      await site?.stop();
    });

    /** A fresh page that does not dawdle, unless asked to. */
    async function visit({ slow = false, width = 1280 } = {}): Promise<void> {
      await visitor.resize(width);
      await visitor.open(site.url);
      if (!slow) await visitor.click("#slow");
    }

    /** Gives what is said at the end, once the traces are shown that belong to it. */
    async function run(scene: string): Promise<string> {
      const before = await visitor.ask(() => document.querySelectorAll("#trace-list li").length);
      await visitor.click(`input[value=${scene}]`);
      await visitor.click("#run");
      const said = await outcome();
      if (!said.includes("Not a single span")) await tracesShown(before + (TREES[scene]?.length ?? 1));
      return said;
    }

    function tracesShown(count: number): Promise<boolean> {
      return visitor.until((count: number) => {
        const facts = [...document.querySelectorAll("#trace-list small")].map(({ textContent }) => textContent);
        return facts.length === count && !facts.some((text) => text.endsWith("running"));
      }, count);
    }

    function outcome(): Promise<string> {
      return visitor.until(() => {
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
          await visitor.click(`#trace-list li:nth-child(${index}) button`);
          trees[scene].push(await visitor.ask(treeOf));
        }
      }
      assert.deepEqual(trees, TREES);
    });

    test("a trace grows while its conversation runs", async () => {
      await visit({ slow: true });
      await visitor.click("#run");
      const growing = await visitor.until(() => {
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
      await visitor.until(() => document.querySelector("mlflow-trace")!.trace?.info.state === "OK");
    });

    test("off is off, and on is on again", async () => {
      await visit();
      const started = (): Promise<string | null> => visitor.ask(() => document.querySelector("#stats dd")!.textContent);
      await visitor.click("#autolog");
      assert.match(await visitor.ask(() => document.getElementById("autolog-text")!.textContent), /is off/);
      assert.match(await run("calculator"), /177176[^]*Not a single span/);
      assert.deepEqual(
        [await started(), await visitor.ask(() => document.querySelectorAll("#trace-list li").length)],
        ["0", 0],
      );
      await visitor.click("#autolog");
      assert.match(await run("calculator"), /24 spans were recorded/);
      assert.equal(await started(), "24");
    });

    test("the download is the trace that is looked at", async () => {
      await visit();
      await run("failing-tool");
      const [saved, shown, name] = await visitor.ask(async () => {
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
      await visitor.ask(
        (uri: string) => ((document.getElementById("tracking-uri") as HTMLInputElement).value = uri),
        server.uri,
      );
      await visitor.click("#connect");
      await visitor.until(() => document.getElementById("server-outcome")!.textContent.startsWith("Connected"));
      await run("failing-tool");
      await visitor.until(() => document.getElementById("server-outcome")!.textContent.startsWith("Sent to"));
      const link = await visitor.until(() => {
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

    test("a server that is not there is explained, with what to type", async () => {
      await visit();
      await visitor.ask(
        (uri: string) => ((document.getElementById("tracking-uri") as HTMLInputElement).value = uri),
        CLOSED,
      );
      await visitor.click("#connect");
      const said = await visitor.until(() => document.querySelector("#server-outcome code")?.textContent);
      assert.match(said, /mlflow server --port 9009 --cors-allowed-origins "http:\/\/localhost:\d+"/);
    });

    test("a server that the page's own policy forbids is explained as that", async () => {
      await visit();
      await visitor.ask(
        () => ((document.getElementById("tracking-uri") as HTMLInputElement).value = "http://mlflow.example"),
      );
      await visitor.click("#connect");
      assert.match(
        await visitor.until(() => document.querySelector("#server-outcome code")?.textContent),
        /connect-src/,
      );
    });

    test("a visitor's own model is asked with the visitor's key, which is in no trace, no storage and no address", async () => {
      await visit();
      const key = "sk-very-secret-0123456789";
      await visitor.ask(
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
      const found = await visitor.ask(async (key: string) => {
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
        site.asked.filter((path) => path.includes(key)),
        [],
      );
    });

    test("axe finds nothing, in both themes and at three widths", async () => {
      await visit();
      await run("failing-tool");
      await visitor.click("mlflow-trace >>> [role=treeitem]:nth-child(5)");
      await visitor.run(axe);
      for (const theme of ["light", "dark"]) {
        await visitor.ask((theme: string) => {
          const select = document.getElementById("theme") as HTMLSelectElement;
          select.value = theme;
          select.dispatchEvent(new Event("change"));
        }, theme);
        for (const width of [1280, 768, 360]) {
          await visitor.resize(width);
          const violations = await visitor.ask(async () => {
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
          const overflow = await visitor.ask(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.equal(overflow, 0, `${width} px`);
        }
      }
      const [light, dark] = await visitor.ask(() =>
        ["light", "dark"].map((theme) => {
          document.documentElement.dataset["theme"] = theme;
          return getComputedStyle(document.querySelector("mlflow-trace")!).backgroundColor;
        }),
      );
      assert.notEqual(light, dark);
    });

    test("without a mouse: a conversation is chosen and run, and a span of it opened", async () => {
      await visit();
      await visitor.ask(() => document.querySelector<HTMLElement>("input[name=scene]")!.focus());
      await visitor.press("ArrowDown", "ArrowDown", "ArrowDown", "Tab", "Tab", "Tab", "Enter");
      assert.match(await outcome(), /warm/);
      await tracesShown(1);
      for (
        let steps = 0;
        steps < 20 && (await visitor.ask(() => document.activeElement?.localName)) !== "mlflow-trace";
        steps += 1
      )
        await visitor.press("Tab");
      await visitor.press("End", "Enter");
      const title = await visitor.ask(
        () => document.querySelector("mlflow-trace")!.shadowRoot!.querySelector(".details h3")!.textContent,
      );
      assert.equal(title, "chat_completion");
    });

    test("the page asks nobody but its own site", async () => {
      await visit();
      await run("calculator");
      const elsewhere = await visitor.ask(() =>
        performance
          .getEntriesByType("resource")
          .map(({ name }) => name)
          .filter((name) => !name.startsWith(location.origin)),
      );
      assert.deepEqual(elsewhere, []);
    });
  });
}
