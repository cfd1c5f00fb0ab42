/** The search box: finds spans by their names, types, models and states, and by the text of inputs and outputs. */

import type { Span, Trace } from "../reading/trace.js";
import { element, setText } from "./dom.js";
import { formatValue, modelOf, spanState } from "./format.js";

/** What the search box asks of the view. */
export interface SearchListener {
  /** The text has changed. */
  onChange(): void;
  /** The next span found is wanted, or with -1 the previous one. */
  onStep(step: 1 | -1): void;
  /** The person leaves the box for the tree. */
  onLeave(): void;
}

/** The search box and the count beside it. */
export class Search {
  /** The field. */
  readonly field: HTMLInputElement = element("input", {
    type: "search",
    placeholder: "Search (/)",
    "aria-label": "Search spans",
    "aria-keyshortcuts": "/",
    title: "/ to search, Enter for the next span",
    spellcheck: "false",
    autocomplete: "off",
  });
  /** The box with the number of spans that were found. */
  readonly bar: HTMLElement;
  readonly #count = element("span", { class: "count", role: "status" });
  /** The searched text of each span: it is made once, and only if there is a search. */
  readonly #texts = new WeakMap<Span, string>();

  /** @param listener gets what the person wants */
  constructor(listener: SearchListener) {
    this.bar = element("div", { class: "search" }, this.field, this.#count);
    this.field.addEventListener("input", () => listener.onChange());
    this.field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") listener.onStep(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape" && this.field.value !== "") {
        this.field.value = "";
        listener.onChange();
      } else if (event.key === "ArrowDown" || event.key === "Escape") listener.onLeave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** What is searched, in lower case; "" for nothing. */
  get words(): string {
    return this.field.value.toLowerCase().trim();
  }

  /** The ids of the spans that are found; `undefined` if nothing is searched. */
  found({ data: { spans } }: Trace): Set<string> | undefined {
    const { words } = this;
    if (words === "") return undefined;
    return new Set(spans.filter((span) => this.#text(span).includes(words)).map(({ spanId }) => spanId));
  }

  /** Shows how many spans were found, and which of them is selected (from 1 on; 0 for none). */
  showCount(count: number | undefined, place: number): void {
    setText(this.#count, count === undefined ? "" : place > 0 ? `${place} of ${count}` : `${count || "none"} found`);
  }

  #text(span: Span): string {
    let text = this.#texts.get(span);
    if (text === undefined) {
      const { name, spanType, status, inputs, outputs } = span;
      const values = [name, spanType, modelOf(span), spanState(span), status.description, inputs, outputs];
      text = values
        .map((value) => (value === undefined ? "" : formatValue(value)))
        .join("\n")
        .toLowerCase();
      this.#texts.set(span, text);
    }
    return text;
  }
}
