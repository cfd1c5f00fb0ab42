/** `<mlflow-trace>` in a page, in Chromium and in Firefox, under a strict content security policy. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import type { Trace } from "mlflow-ag2";
import { BROWSERS } from "../support/browser-driver.js";
import { FAMILY, type PageWindow } from "./element-page.js";
import { onElementPage } from "./on-element-page.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`<mlflow-trace> in ${browser}`, () => {
    const view = onElementPage(start);

    const show = (notes: object[], traceId?: string): Promise<unknown> =>
      view.page.ask(
        (notes: object[], traceId?: string) => (window as unknown as PageWindow).show(notes, traceId ?? undefined),
        notes,
        ...(traceId === undefined ? [] : [traceId]),
      );
    /** The names of the rows, with "▸" before collapsed ones, "*" after the selected and "!" after the focused one. */
    const rows = (): Promise<string[]> =>
      view.page.ask(() => {
        const root = document.querySelector("mlflow-trace")!.shadowRoot!;
        return [...root.querySelectorAll("[role=treeitem]")].map((row) => {
          const marks = [
            row.getAttribute("aria-selected") === "true" ? "*" : "",
            row === root.activeElement ? "!" : "",
          ];
          const twisty = row.getAttribute("aria-expanded") === "false" ? "▸" : "";
          return `${twisty}${row.querySelector("b")!.textContent}${marks.join("")}`;
        });
      });
    const details = (): Promise<string | null> =>
      view.page.ask(() => {
        const pane = document.querySelector("mlflow-trace")!.shadowRoot!.querySelector<HTMLElement>(".details")!;
        return pane.hidden ? null : pane.textContent;
      });

    test("a trace that was set before the element was defined is shown", async () => {
      assert.deepEqual(await rows(), ["early"]);
    });

    test("the arrow keys, Home and End move in the tree; Enter and Space select a span", async () => {
      await show(FAMILY);
      await view.page.click("mlflow-trace >>> [data-span-id=root] .twisty");
      assert.deepEqual(await rows(), ["▸root!"]);
      await view.page.ask(() =>
        document.querySelector("mlflow-trace")!.shadowRoot!.querySelector<HTMLElement>("[tabindex='0']")!.focus(),
      );
      const walk: [keys: string[], focused: string][] = [
        [["ArrowRight"], "root"],
        [["ArrowRight"], "one"],
        [["ArrowDown", "ArrowDown"], "one.b"],
        [["ArrowLeft"], "one"],
        [["ArrowLeft", "ArrowDown"], "two"],
        [["ArrowUp"], "one"],
        [["End"], "two"],
        [["ArrowDown"], "two"],
        [["Home"], "root"],
        [["ArrowUp"], "root"],
      ];
      for (const [keys, focused] of walk) {
        await view.page.press(...keys);
        const now = await rows();
        assert.equal(
          now.find((row) => row.endsWith("!"))?.replace(/[▸!]/g, ""),
          focused,
          `${keys.join(", ")}: ${now.join(" ")}`,
        );
      }
      assert.deepEqual(await rows(), ["root!", "▸one", "two"]);
      await view.page.press("*");
      const tabStops = await view.page.ask(
        () =>
          document.querySelector("mlflow-trace")!.shadowRoot!.querySelectorAll("[role=treeitem][tabindex='0']").length,
      );
      assert.equal(tabStops, 1);
      await view.page.press("End", "Enter");
      assert.match((await details())!, /^AGENTtwo/);
      await view.page.press(" ");
      assert.equal(await details(), null);
      assert.deepEqual(await view.page.ask(() => (window as unknown as PageWindow).selected), ["two", null]);
    });

    test("selection, focus and collapsed spans stay while the trace changes", async () => {
      await show(FAMILY.slice(0, 4));
      await view.page.click("mlflow-trace >>> [data-span-id='one'] .twisty");
      await view.page.click("mlflow-trace >>> [data-span-id='one'] b");
      assert.deepEqual(await rows(), ["root", "▸one*!"]);
      await view.page.ask(() => (document.querySelector("mlflow-trace")!.shadowRoot!.activeElement!.id = "same"));
      await show([...FAMILY, { id: "before", parent: "root", from: 0 }, { id: "in one", parent: "one", from: 30 }]);
      assert.deepEqual(await rows(), ["root", "before", "▸one*!", "two"]);
      assert.equal(
        await view.page.ask(() => document.querySelector("mlflow-trace")!.shadowRoot!.activeElement!.id),
        "same",
      );
      assert.match((await details())!, /^AGENTone/);
      await show(
        [
          { id: "root", name: "another", to: 1 },
          { id: "one", parent: "root", to: 1 },
          { id: "leaf", parent: "one", to: 1 },
        ],
        "tr-2",
      );
      assert.deepEqual([await rows(), await details()], [["another!", "one", "leaf"], null]);
    });

    test("the focus moves to an ancestor when its row is collapsed", async () => {
      await show(FAMILY);
      await view.page.click("mlflow-trace >>> [data-span-id='one.a'] b");
      await view.page.ask(() => document.querySelector("mlflow-trace")!.collapseAll());
      assert.deepEqual(await rows(), ["root", "▸one!", "two"]);
    });

    test("the details of a span are updated", async () => {
      await show([{ id: "call", type: "LLM" }]);
      await view.page.click("mlflow-trace >>> [data-span-id=call] b");
      assert.match((await details())!, /not ended yet/);
      await show([{ id: "call", type: "LLM", to: 5, "mlflow.spanOutputs": "the answer" }]);
      assert.match((await details())!, /5\.00 ms.*the answer/);
    });

    test("messages of all formats are shown as a conversation", async () => {
      const call = { id: "c", type: "function", function: { name: "add", arguments: '{"a":1}' } };
      const shapes = {
        "mlflow.spanInputs": {
          model: "m",
          messages: [
            { role: "user", content: [{ type: "text", text: "one?" }, { type: "image_url" }] },
            { role: "tool", content: "", tool_responses: [{ content: "two" }] },
          ],
        },
        "mlflow.spanOutputs": {
          id: "r",
          choices: [{ message: { role: "assistant", content: null, tool_calls: [call] } }],
        },
      };
      await show([
        { id: "call", to: 1, ...shapes },
        {
          id: "messages",
          parent: "call",
          to: 1,
          "mlflow.spanInputs": { message: "hello", sender: "alice", valid: true },
          "mlflow.spanOutputs": { chat_id: 7, chat_history: [{ role: "user", name: "bob", content: "history" }] },
        },
      ]);
      const shownMessages = (): Promise<string[]> =>
        view.page.ask(() =>
          [...document.querySelector("mlflow-trace")!.shadowRoot!.querySelectorAll(".message")].map(
            ({ textContent }) => textContent,
          ),
        );
      await view.page.click("mlflow-trace >>> [data-span-id=call] b");
      assert.deepEqual(await shownMessages(), ["userone?\n[image_url]", "tooltwo", "assistant→ adda1"]);
      assert.match((await details())!, /Inputs: everything else\{\s+"model": "m"/);
      await view.page.click("mlflow-trace >>> [data-span-id=messages] b");
      assert.deepEqual(await shownMessages(), ["alicehello", "bob (user)history"]);
    });

    test("a failed span shows its exception with the stack, and is marked not by colour alone", async () => {
      await show([
        {
          id: "tool",
          type: "TOOL",
          to: 5,
          failed: "no root of -4",
          events: [
            [
              "exception",
              {
                "exception.type": "RangeError",
                "exception.message": "no root of -4",
                "exception.stacktrace": "at root (x.js:1)",
              },
            ],
            ["retry", { attempt: 2 }],
          ],
        },
      ]);
      await view.page.click("mlflow-trace >>> [role=treeitem]");
      const shown = (await details())!;
      assert.match(shown, /Failed: no root of -4.*Exception: RangeError.*after 2\.00 ms.*at root \(x\.js:1\)/s);
      assert.match(shown, /at root \(x\.js:1\).*Event: retry.*"attempt": 2/s);
      assert.match(
        await view.page.ask(
          () => document.querySelector("mlflow-trace")!.shadowRoot!.querySelector("[role=treeitem]")!.textContent,
        ),
        /TOOL tool +✕ failed/,
      );
    });

    test("the text of a model is never markup", async () => {
      const script = `<script>window.violations.push("ran")</script>`;
      const markup = `<img src=x onerror="window.violations.push('ran')">${script}`;
      await show([
        {
          id: "evil",
          name: markup,
          type: markup,
          to: 1,
          failed: markup,
          [markup]: markup,
          "mlflow.spanInputs": markup,
          "mlflow.spanOutputs": { role: markup, content: markup },
          events: [[markup, { [markup]: markup }]],
        },
      ]);
      await view.page.click("mlflow-trace >>> [role=treeitem]");
      assert.equal(
        await view.page.ask(
          () => document.querySelector("mlflow-trace")!.shadowRoot!.querySelectorAll("img, script").length,
        ),
        0,
      );
      assert.ok((await details())!.split(markup).length > 8);
    });

    test("the element works under a strict content security policy, with its styles", async () => {
      await show([...FAMILY, { id: "open", parent: "root", from: 95 }]);
      await view.page.click("mlflow-trace >>> [data-span-id='one'] b");
      const seen = await view.page.ask(() => {
        const root = document.querySelector("mlflow-trace")!.shadowRoot!;
        const style = (selector: string): CSSStyleDeclaration => getComputedStyle(root.querySelector(selector)!);
        const { left: from, right: to } = root.querySelector("[data-span-id='two'] .track")!.getBoundingClientRect();
        const bar = root.querySelector("[data-span-id='two'] .bar")!.getBoundingClientRect();
        return {
          violations: (window as unknown as PageWindow).violations,
          display: style(".row").display,
          animation: style("[data-state=running] .bar").animationName,
          isInside: bar.left > from && bar.right <= to,
        };
      });
      // The tests' Firefox prefers reduced motion.
      assert.deepEqual(seen, {
        violations: [],
        display: "grid",
        animation: browser === "Firefox" ? "none" : "pulse",
        isInside: true,
      });
    });

    test("axe finds no issue and nothing overflows, wide and narrow, light and dark", async () => {
      await show(
        [
          ...FAMILY,
          ...Array.from({ length: 12 }, (_, depth) => ({
            id: `deep ${depth}`,
            parent: depth === 0 ? "two" : `deep ${depth - 1}`,
            name: `a_long_name_that_has_no_place_to_break_${depth}`,
            from: 41 + depth,
            to: 60,
            type: "LLM",
            "mlflow.llm.model": "a_model_with_a_long_name",
            "mlflow.chat.tokenUsage": { input_tokens: 400000, output_tokens: 300000, total_tokens: 700000 },
            "gen_ai.usage.cost": 0.123456,
          })),
        ].map((note) => ({ ...note, "mlflow.spanInputs": { operator: "+", list: [1, 2] } })),
      );
      await view.page.click("mlflow-trace >>> [data-span-id='one.b'] b");
      await view.page.press("/", "o");
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
            };
          }, scheme);
          assert.deepEqual(found, { violations: [], overflow: 0 }, `${scheme}, ${width} px`);
        }
      }
    });

    test("a page can select a span, which fires no event and expands its ancestors", async () => {
      await show(FAMILY);
      const selected = await view.page.ask(() => {
        const view = document.querySelector("mlflow-trace")!;
        view.collapseAll();
        view.selectedSpanId = "one.a";
        return [view.selectedSpan?.name, (window as unknown as PageWindow).selected];
      });
      assert.deepEqual(selected, ["one.a", []]);
      assert.deepEqual(await rows(), ["root", "one", "one.a*", "one.b", "two"]);
      const empty = await view.page.ask(() => {
        const view = document.querySelector("mlflow-trace")!;
        view.trace = null as Trace | null;
        return view.shadowRoot!.querySelector<HTMLElement>(".empty")!.hidden;
      });
      assert.equal(empty, false);
    });
  });
}
