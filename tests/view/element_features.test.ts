/** What `<mlflow-trace>` tells of a trace, its search and its copies, in Chromium and in Firefox. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BROWSERS } from "../support/browser-driver.js";
import { FAMILY, type GivenTrace, type PageWindow } from "./element-page.js";
import { onElementPage } from "./on-element-page.js";

const USAGE = { input_tokens: 4, output_tokens: 3, total_tokens: 7 };
const CALL = {
  id: "call",
  type: "LLM",
  to: 5,
  "mlflow.llm.model": "gpt-4o-mini",
  "mlflow.chat.tokenUsage": USAGE,
  "mlflow.llm.cost": { input_cost: 0.0001, output_cost: 0.0002, total_cost: 0.0003 },
};

for (const [browser, start] of Object.entries(BROWSERS)) {
  describe(`<mlflow-trace> in ${browser}`, () => {
    const view = onElementPage(start);

    const show = (...given: GivenTrace): Promise<unknown> =>
      view.page.ask((given: GivenTrace) => (window as unknown as PageWindow).show(...given), given);
    /** The text of the visible elements that a selector finds in the view. */
    const texts = (selector: string): Promise<string[]> =>
      view.page.ask(
        (selector: string) =>
          [...document.querySelector("mlflow-trace")!.shadowRoot!.querySelectorAll<HTMLElement>(selector)]
            .filter((found) => found.checkVisibility())
            .map(({ textContent }) => textContent.replaceAll(/\s+/g, " ").trim()),
        selector,
      );
    const rows = (): Promise<string[]> => texts("[role=treeitem] b");
    const selected = (): Promise<string[]> => texts("[aria-selected=true] b");

    test("the state counts failed spans, of a trace that runs, is done or has failed", async () => {
      const state = async (): Promise<string | undefined> => (await texts(".summary [role=status]"))[0];
      await show(FAMILY);
      assert.equal(await state(), "✓ done, 1 failed");
      await show([{ id: "root" }, { id: "tool", parent: "root", to: 1, failed: "no" }]);
      assert.equal(await state(), "… running, 1 failed");
      await show([{ id: "root", to: 1, failed: "no" }], "tr-1", { state: "ERROR" });
      assert.equal(await state(), "✕ failed");
      await show([{ id: "root", to: 1 }]);
      assert.equal(await state(), "✓ done");
    });

    test("user, session and the program's tags are shown, those of MLflow are not", async () => {
      await show(FAMILY, "tr-1", {
        tags: { "mlflow.traceName": "the chat", release: "1.4", page: "<b>help</b>" },
        traceMetadata: { "mlflow.trace.user": "ada", "mlflow.trace.session": "desk 7" },
      });
      assert.deepEqual(await texts(".chips div"), ["user ada", "session desk 7", "release 1.4", "page <b>help</b>"]);
      assert.deepEqual(await texts("h2"), ["the chat"]);
      await show(FAMILY, "tr-2");
      assert.deepEqual(await texts(".chips"), []);
    });

    test("a model call shows its model, tokens and cost; the trace shows the sum, or what MLflow has counted", async () => {
      await show([
        { id: "root", to: 9 },
        { ...CALL, parent: "root" },
        { ...CALL, id: "other", parent: "root" },
      ]);
      assert.deepEqual(await texts("[data-span-id=call]"), ["LLM call gpt-4o-mini 7 tokens $0.0003 5.00 ms"]);
      assert.ok((await texts(".summary > span")).includes("$0.0006"));
      await view.page.click("mlflow-trace >>> [data-span-id=call] b");
      const facts = (await texts(".details .facts span")).join(" · ");
      assert.match(facts, /gpt-4o-mini · 4 input \+ 3 output = 7 tokens · \$0\.0003/);
      await show([CALL], "tr-2", { traceMetadata: { "mlflow.trace.cost": '{"total_cost": 1.234}' } });
      assert.ok((await texts(".summary > span")).includes("$1.23"));
      await show([{ id: "call", type: "LLM", to: 5, "gen_ai.usage.cost": 0.00000001 }], "tr-3");
      assert.deepEqual(await texts("[data-span-id=call]"), ["LLM call <$0.000001 5.00 ms"]);
      await show([{ id: "call", type: "LLM", to: 5 }], "tr-4");
      assert.deepEqual(await texts("[data-span-id=call]"), ["LLM call 5.00 ms"]);
    });

    test("inputs of a tool and arguments of a call are a table; what is nested deeply is JSON", async () => {
      const called = (text: string): object => ({ function: { name: "add", arguments: text } });
      const long = { rows: Array.from({ length: 40 }, (_, index) => ({ index })) };
      await show([
        { id: "tool", type: "TOOL", to: 1, "mlflow.spanInputs": { a: 1, operator: "+", list: [1, 2], none: null } },
        { id: "deep", parent: "tool", type: "TOOL", to: 1, "mlflow.spanInputs": long, "mlflow.spanOutputs": {} },
        {
          id: "call",
          parent: "tool",
          to: 1,
          "mlflow.spanOutputs": {
            role: "assistant",
            content: "",
            tool_calls: [called('{"x": -4}'), called("{broken"), called("[1]")],
          },
        },
      ]);
      await view.page.click("mlflow-trace >>> [data-span-id=tool] b");
      assert.deepEqual(await texts(".details tr"), ["a1", "operator+", "list[1,2]", "nonenull"]);
      await view.page.click("mlflow-trace >>> [data-span-id=deep] b");
      assert.deepEqual(await texts(".details tr"), []);
      assert.deepEqual(
        (await texts(".details pre")).map((text) => text.slice(0, 9)),
        ['{ "rows":', "{}"],
      );
      await view.page.click("mlflow-trace >>> [data-span-id=call] b");
      assert.deepEqual(await texts(".call"), ["→ add", "→ add({broken)", "→ add([1])"]);
      assert.deepEqual(await texts(".message tr"), ["x-4"]);
    });

    test("/ searches names, types, models, states and values; Enter selects the next span, Escape clears", async () => {
      const notes = [
        ...FAMILY,
        {
          id: "deep",
          parent: "two",
          type: "LLM",
          from: 45,
          to: 50,
          "mlflow.spanInputs": { question: "Where is OSLO?" },
        },
        {
          id: "deeper",
          parent: "two",
          from: 50,
          to: 51,
          "mlflow.spanOutputs": "oslo again",
          "mlflow.llm.model": "gem-1",
        },
      ];
      await show(notes);
      await view.page.click("mlflow-trace >>> [data-span-id=root] b");
      await view.page.ask(() => document.querySelector("mlflow-trace")!.collapseAll());
      await view.page.press("/");
      await view.page.type("Oslo");
      assert.deepEqual(await rows(), ["root", "two", "deep", "deeper"]);
      assert.deepEqual(await texts("[data-found] b"), ["deep", "deeper"]);
      assert.deepEqual(await texts(".count"), ["2 found"]);
      await view.page.press("Enter");
      assert.deepEqual([await selected(), await texts(".count")], [["deep"], ["1 of 2"]]);
      await view.page.press("Enter");
      assert.deepEqual([await selected(), await texts(".count")], [["deeper"], ["2 of 2"]]);
      await view.page.press("Enter");
      assert.deepEqual(await selected(), ["deep"]);
      assert.deepEqual(await view.page.ask(() => (window as unknown as PageWindow).selected), [
        "root",
        "deep",
        "deeper",
        "deep",
      ]);
      await show([...notes, { id: "late", parent: "root", name: "oslo", from: 95 }]);
      assert.deepEqual(await texts(".count"), ["1 of 3"]);
      await view.page.press("Escape");
      assert.deepEqual([(await rows()).length, await texts(".count")], [8, [""]]);
      for (const [words, found] of [
        ["tool", ["one.b"]],
        ["gem", ["deeper"]],
        ["failed", ["one.b"]],
        ["nowhere", []],
      ] as const) {
        await view.page.type(words);
        assert.deepEqual(await texts("[data-found] b"), found, words);
        if (found.length === 0) assert.deepEqual([await rows(), await texts(".count")], [[], ["none found"]]);
        await view.page.press("Escape");
      }
      await view.page.press("ArrowDown");
      const focused = await view.page.ask(() =>
        document.querySelector("mlflow-trace")!.shadowRoot!.activeElement!.getAttribute("role"),
      );
      assert.equal(focused, "treeitem");
    });

    test("ids and values are copied, and what the browser refuses is reported", async () => {
      await show([{ id: "tool", type: "TOOL", to: 1, "mlflow.spanInputs": { a: 1 }, "mlflow.spanOutputs": "2" }]);
      await view.page.click("mlflow-trace >>> [role=treeitem] b");
      const copy = async (what: string): Promise<string> => {
        await view.page.click(`mlflow-trace >>> [aria-label='Copy ${what}']`);
        const outcome = await view.page.until((label: string) => {
          const button = document.querySelector("mlflow-trace")!.shadowRoot!.querySelector(`[aria-label='${label}']`)!;
          return button.textContent === "Copy" ? null : button.textContent;
        }, `Copy ${what}`);
        return `${outcome}: ${(await texts("[role=status].unseen"))[0]}`;
      };
      assert.equal(await copy("trace id"), "Copied: Copied trace id");
      await view.page.ask(() => {
        const copied: string[] = [];
        Object.assign(window, { copied });
        navigator.clipboard.writeText = (text) => Promise.resolve(void copied.push(text));
      });
      assert.equal(await copy("span id"), "Copied: Copied span id");
      await copy("inputs");
      await copy("outputs");
      const copied = await view.page.ask(() => (window as unknown as { copied: string[] }).copied);
      assert.deepEqual(copied, ["tool", '{\n  "a": 1\n}', "2"]);
      await view.page.ask(() => {
        navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
      });
      await view.page.until(() => {
        const buttons = document.querySelector("mlflow-trace")!.shadowRoot!.querySelectorAll(".copy");
        return [...buttons].every(({ textContent }) => textContent === "Copy");
      });
      const refused = "not copied: the browser denies this page the clipboard";
      assert.equal(await copy("inputs"), `Not copied: inputs ${refused}`);
      await view.page.ask(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
      assert.equal(await copy("span id"), `Not copied: span id ${refused}`);
    });

    test("a hint says that rows open until one was opened, and stays the description of the tree", async () => {
      await show(FAMILY);
      assert.deepEqual(await texts(".hint:not(.unseen)"), ["Select a row to see its inputs and outputs."]);
      await view.page.click("mlflow-trace >>> [data-span-id=one] b");
      assert.deepEqual(await texts(".hint:not(.unseen)"), []);
      const described = await view.page.ask(() => {
        const root = document.querySelector("mlflow-trace")!.shadowRoot!;
        return root.getElementById(root.querySelector("[role=tree]")!.getAttribute("aria-describedby")!)!.textContent;
      });
      assert.match(described, /^Select a row/);
    });

    test("the button and Escape close the details, and the row has the focus again", async () => {
      await show(FAMILY);
      const focused = (): Promise<string | null | undefined> =>
        view.page.ask(() =>
          document.querySelector("mlflow-trace")!.shadowRoot!.activeElement?.getAttribute("data-span-id"),
        );
      await view.page.click("mlflow-trace >>> [data-span-id=one] b");
      await view.page.click("mlflow-trace >>> [aria-label='Close the details']");
      assert.deepEqual([await texts(".details"), await focused()], [[], "one"]);
      await view.page.press("Enter");
      await view.page.ask(() =>
        document.querySelector("mlflow-trace")!.shadowRoot!.querySelector<HTMLElement>(".details")!.focus(),
      );
      await view.page.press("Escape");
      assert.deepEqual([await texts(".details"), await focused()], [[], "one"]);
    });
  });
}
