/** The head of the view: name, state, figures, user, session and tags of the trace. */

import type { Trace } from "../reading/trace.js";
import { type Announce, copyButton } from "./copy.js";
import { element, setAttributes, setText } from "./dom.js";
import {
  costText,
  countText,
  failuresText,
  nameOf,
  traceCost,
  traceDuration,
  traceState,
  usageText,
} from "./format.js";

/** The states of a trace as text. */
export const LABELS = { failed: "✕ failed", done: "✓ done", running: "… running" } as const;

/** The head of the view. */
export class Header {
  /** The element. */
  readonly root: HTMLElement;
  readonly #name = element("h2");
  readonly #state = element("span", { class: "state" });
  readonly #failures = element("span", { class: "state", "data-state": "failed" });
  readonly #items: readonly Element[];
  readonly #chips = element("dl", { class: "chips" });
  #chipTexts = "";

  /** @param thumbs are shown at the end */
  constructor(thumbs: Element, announce: Announce) {
    const id = element("span", { class: "id" });
    this.#items = [element("span"), element("span"), element("span"), element("span"), id];
    const copyId = copyButton("trace id", () => id.textContent, announce);
    this.root = element(
      "div",
      { class: "summary", part: "summary" },
      this.#name,
      element("span", { role: "status" }, this.#state, this.#failures),
      ...this.#items.slice(0, -1),
      element("span", {}, id, " ", copyId),
      thumbs,
      this.#chips,
    );
  }

  /** Shows the trace. */
  show(trace: Trace): void {
    const { info, data } = trace;
    const { spans } = data;
    const state = traceState(info);
    const cost = traceCost(info, spans);
    setText(this.#name, nameOf(trace));
    setAttributes(this.#state, { "data-state": state });
    setText(this.#state, LABELS[state]);
    setText(this.#failures, failuresText(trace));
    const texts = [
      traceDuration(info),
      countText(spans.length, "span"),
      info.tokenUsage === null ? "" : usageText(info.tokenUsage),
      cost === undefined ? "" : costText(cost),
      info.traceId,
    ];
    this.#items.forEach((item, index) => setText(item, texts[index]!));
    this.#showChips(trace);
  }

  #showChips({ info: { tags, traceMetadata } }: Trace): void {
    const chips = [
      ["user", traceMetadata["mlflow.trace.user"]],
      ["session", traceMetadata["mlflow.trace.session"]],
      ...Object.entries(tags).filter(([key]) => !key.startsWith("mlflow.")),
    ].filter((chip): chip is [string, string] => chip[1] !== undefined);
    const chipTexts = JSON.stringify(chips);
    if (chipTexts === this.#chipTexts) return;
    this.#chipTexts = chipTexts;
    setAttributes(this.#chips, { hidden: chips.length === 0 });
    this.#chips.replaceChildren(
      ...chips.map(([key, value]) => element("div", {}, element("dt", {}, key), " ", element("dd", {}, value))),
    );
  }
}
