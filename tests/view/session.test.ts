/** `<mlflow-session>` in a page, in Chromium and in Firefox, under a strict content security policy. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { BROWSERS } from "../support/browser-driver.js";
import type { GivenTrace, PageWindow } from "./element-page.js";
import { onElementPage } from "./on-element-page.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SESSION = { "mlflow.trace.session": "desk 7", "mlflow.trace.user": "ada" };
const TOKENS = { "mlflow.trace.tokenUsage": '{"input_tokens": 4, "output_tokens": 3, "total_tokens": 7}' };

/** A chat of AG2, a function and a request of a chat model: each has its question and its answer elsewhere. */
const CHAT: GivenTrace = [
  [
    {
      id: "chat",
      to: 9,
      "mlflow.spanInputs": { recipient: "Assistant", message: "What is 1 + 1?", kwargs: {} },
      "mlflow.spanOutputs": { chat_history: [{ role: "user", content: "2 TERMINATE" }], summary: "It is 2." },
    },
    { id: "tool", parent: "chat", type: "TOOL", to: 1, failed: "no" },
  ],
  "tr-1",
  { requestTimeMs: 1000, executionDurationMs: 1500, traceMetadata: { ...SESSION, ...TOKENS } },
];
const CALL: GivenTrace = [
  [
    {
      id: "call",
      to: 9,
      "mlflow.spanInputs": {
        messages: [
          { role: "system", content: "be kind" },
          { role: "user", content: "And 2?" },
        ],
      },
      "mlflow.spanOutputs": { choices: [{ message: { role: "assistant", content: "<i>4</i>" } }] },
    },
  ],
  "tr-2",
  { requestTimeMs: 2000, traceMetadata: SESSION },
];
const RUNNING: GivenTrace = [
  [{ id: "function", "mlflow.spanInputs": { question: "And 3?" } }],
  "tr-3",
  { requestTimeMs: 3000 },
];
const LISTED: GivenTrace = [
  [],
  "tr-4",
  { requestTimeMs: 4000, requestPreview: "And 4?", responsePreview: "8", state: "OK" },
];

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`<mlflow-session> in ${browser}`, () => {
    const view = onElementPage(start);

    const show = (...traces: GivenTrace[]): Promise<unknown> =>
      view.page.ask((given: GivenTrace[]) => (window as unknown as PageWindow).showSession(given), traces);
    /** Question, answer and state of each turn, with "*" behind the selected one. */
    const turns = (): Promise<string[]> =>
      view.page.ask(() =>
        [...document.querySelector("mlflow-session")!.shadowRoot!.querySelectorAll("button.turn")].map((button) => {
          const texts = [...button.querySelectorAll("b, .answer, .state")].map(({ textContent }) => textContent);
          return `${texts.join(" | ")}${button.getAttribute("aria-current") === "true" ? "*" : ""}`;
        }),
      );
    const shownTrace = (): Promise<string | undefined> =>
      view.page.ask(
        () => document.querySelector("mlflow-session")!.shadowRoot!.querySelector("mlflow-trace")!.trace?.info.traceId,
      );

    test("turns have question, answer and state, in the order of time, whatever the traces are of", async () => {
      await show(LISTED, CALL, RUNNING, CHAT);
      assert.deepEqual(await turns(), [
        "What is 1 + 1? | It is 2. | ✓ done, 1 failed",
        "And 2? | <i>4</i> | ✓ done",
        "And 3? |  | … running",
        "And 4? | 8 | ✓ done*",
      ]);
      const [summary, facts] = await view.page.ask(() => {
        const root = document.querySelector("mlflow-session")!.shadowRoot!;
        const words = (selector: string): string[] =>
          [...root.querySelector(selector)!.children].map(({ textContent }) => textContent).filter(Boolean);
        return [words(".summary"), words(".turn .facts").filter((text) => !/:/.test(text))];
      });
      assert.deepEqual(summary, ["Session desk 7", "4 turns", "user ada", "7 tokens"]);
      assert.deepEqual(facts, ["✓ done, 1 failed", "1.50 s", "7 tokens"]);
    });

    test("the newest trace is shown until a person selects another, which stays", async () => {
      await show(CHAT);
      assert.equal(await shownTrace(), "tr-1");
      await show(CHAT, CALL);
      assert.equal(await shownTrace(), "tr-2");
      await view.page.click("mlflow-session >>> .turn");
      await show(CHAT, CALL, RUNNING);
      assert.equal(await shownTrace(), "tr-1");
      assert.deepEqual(await view.page.ask(() => (window as unknown as PageWindow).turned), ["tr-1"]);
      const isFocused = await view.page.ask(() =>
        document.querySelector("mlflow-session")!.shadowRoot!.activeElement!.matches(".turn:first-child"),
      );
      assert.equal(isFocused, true);
      const followed = await view.page.ask(() => {
        const session = document.querySelector("mlflow-session")!;
        session.selectedTraceId = "tr-2";
        const chosen = session.selectedTrace?.info.traceId;
        session.selectedTraceId = undefined;
        return [chosen, session.selectedTraceId];
      });
      assert.deepEqual(followed, ["tr-2", "tr-3"]);
      await show(CALL);
      assert.equal((await turns()).length, 1);
      await show();
      assert.equal(
        await view.page.ask(
          () => document.querySelector("mlflow-session")!.shadowRoot!.querySelector<HTMLElement>(".empty")!.hidden,
        ),
        false,
      );
    });

    test("thumbs and selected spans of the trace are events of the session too", async () => {
      await show(CHAT);
      await view.page.ask(() => document.querySelector("mlflow-session")!.setAttribute("feedback", "helpful"));
      await view.page.click("mlflow-session >>> mlflow-trace >>> [aria-label=Good]");
      await view.page.click("mlflow-session >>> mlflow-trace >>> [data-span-id=tool] b");
      const { judged, selected } = await view.page.ask(() => {
        const { judged, selected } = window as unknown as PageWindow;
        return { judged, selected };
      });
      assert.deepEqual(judged, [{ traceId: "tr-1", name: "helpful", value: true }]);
      assert.deepEqual(selected, ["tool"]);
    });

    test("axe finds no issue and nothing overflows, wide and narrow, light and dark, under a strict policy", async () => {
      const long = "a_long_word_that_has_no_place_to_break_".repeat(8);
      await show(CHAT, CALL, RUNNING, [
        [{ id: "root", to: 1, "mlflow.spanInputs": long }],
        "tr-4",
        { requestTimeMs: 1 },
      ]);
      await view.page.click("mlflow-session >>> mlflow-trace >>> [role=treeitem] b");
      await view.page.run(axe);
      for (const scheme of ["light", "dark"]) {
        for (const width of [360, 1000]) {
          await view.page.resize(width);
          const found = await view.page.ask(async (scheme: string) => {
            document.documentElement.style.colorScheme = scheme;
            document.documentElement.style.background = "Canvas";
            document.documentElement.style.color = "CanvasText";
            const { violations } = await (window as unknown as PageWindow).axe.run();
            return {
              violations: violations.map((violation) => JSON.stringify(violation)),
              overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
              policy: (window as unknown as PageWindow).violations,
            };
          }, scheme);
          assert.deepEqual(found, { violations: [], overflow: 0, policy: [] }, `${scheme}, ${width} px`);
        }
      }
    });
  });
}
