/**
 * The tree of spans with a bar for each on one time axis. Rows are kept from one state of a growing
 * trace to the next, so that what has the focus keeps it. Keys: WAI-ARIA's pattern of a tree view.
 */

import type { Span, Trace } from "../reading/trace.js";
import { element, setAttributes, setText } from "./dom.js";
import { shown, type SpanNode, timesOf, treeOf } from "./tree.js";
import { durationText, standing, usageOf } from "./words.js";

const NS_PER_MS = 1e6;
const KINDS: Readonly<Record<string, string>> = { AGENT: "agent", CHAT_MODEL: "model", LLM: "model", TOOL: "tool" };
const MARKS = { running: "running", failed: "✕ failed", done: "" } as const;

/** The colour of a type of span. */
export function kindOf({ spanType }: Span): string {
  return KINDS[spanType] ?? "other";
}

interface Row {
  readonly root: HTMLElement;
  readonly type: HTMLElement;
  readonly name: HTMLElement;
  readonly mark: HTMLElement;
  readonly tokens: HTMLElement;
  readonly duration: HTMLElement;
  readonly bar: HTMLElement;
}

/** The rows of one trace. */
export class Waterfall {
  readonly tree: HTMLElement = element("div", { role: "tree", "aria-label": "Spans", class: "tree", part: "tree" });
  /** The ends of the time axis, in words. */
  readonly scale: HTMLElement = element("div", { class: "scale", "aria-hidden": true }, element("div", {}, element("span", {}, "0"), element("span")));
  readonly #choose: (span: Span) => void;
  readonly #rows = new Map<string, Row>();
  readonly #closed = new Set<string>();
  #roots: SpanNode[] = [];
  #nodes: SpanNode[] = [];
  #trace: Trace | undefined;
  /** The one row that the Tab key reaches. */
  #focusId: string | undefined;
  #chosenId: string | undefined;

  /** @param choose what to do when a person chooses a span */
  constructor(choose: (span: Span) => void) {
    this.#choose = choose;
    this.tree.addEventListener("keydown", (event) => this.#pressed(event));
    this.tree.addEventListener("click", (event) => this.#clicked(event));
  }

  /** Shows `trace`. Of another trace than before everything is open. */
  show(trace: Trace, chosenId: string | undefined): void {
    if (trace.info.traceId !== this.#trace?.info.traceId) {
      this.#closed.clear();
      this.#focusId = undefined;
    }
    this.#trace = trace;
    this.#roots = treeOf(trace);
    this.choose(chosenId);
  }

  /** Marks the span as the chosen one, and opens what it is in. */
  choose(chosenId: string | undefined): void {
    if (chosenId !== this.#chosenId) {
      const chosen = shown(this.#roots, () => false).find(({ span }) => span.spanId === chosenId);
      for (let at = chosen?.parent; at !== undefined; at = at.parent) this.#closed.delete(at.span.spanId);
      if (chosen !== undefined) this.#focusId = chosenId;
    }
    this.#chosenId = chosenId;
    this.#draw();
  }

  /** Closes every span that has others in it, or opens all. */
  setAllClosed(isClosed: boolean): void {
    this.#closed.clear();
    if (isClosed) for (const { span, children, level } of shown(this.#roots, () => false)) if (children.length > 0 && level > 1) this.#closed.add(span.spanId);
    this.#draw();
  }

  #draw(): void {
    const trace = this.#trace;
    if (trace === undefined) return;
    const hadFocus = this.tree.matches(":focus-within");
    this.#nodes = shown(this.#roots, ({ span }) => this.#closed.has(span.spanId));
    this.#focusId = this.#nearestShown()?.span.spanId;
    const times = timesOf(trace, BigInt(Math.round(Date.now())) * BigInt(NS_PER_MS));
    setText(this.scale.firstElementChild!.lastElementChild!, durationText(times.startNs, times.endNs) ?? "");

    const isShown = new Set(this.#nodes.map(({ span }) => span.spanId));
    for (const [id, row] of this.#rows) {
      if (isShown.has(id)) continue;
      row.root.remove();
      this.#rows.delete(id);
    }
    let before: Element | null = null;
    for (const node of this.#nodes) {
      const row = this.#row(node, times);
      const next: Element | null = before === null ? this.tree.firstElementChild : before.nextElementSibling;
      // Moving a row that has the focus would take it away.
      if (next !== row.root) this.tree.insertBefore(row.root, next);
      before = row.root;
    }
    // Only if it moved: focusing what has the focus already would scroll the page to it.
    const focused = hadFocus && this.#focusId !== undefined ? this.#rows.get(this.#focusId)?.root : undefined;
    if (focused?.matches(":focus") === false) focused.focus();
  }

  /** What had the focus, or what it was closed away in, or the first. */
  #nearestShown(): SpanNode | undefined {
    let at = shown(this.#roots, () => false).find(({ span }) => span.spanId === this.#focusId);
    while (at !== undefined && !this.#nodes.includes(at)) at = at.parent;
    return at ?? this.#nodes[0];
  }

  #row(node: SpanNode, { startNs, endNs }: { startNs: bigint; endNs: bigint }): Row {
    const { span, level, children, parent } = node;
    const row = this.#rows.get(span.spanId) ?? makeRow(span.spanId);
    this.#rows.set(span.spanId, row);
    const state = standing(span);
    const duration = durationText(span.startTimeNs, span.endTimeNs);
    const usage = usageOf(span);
    const tokens = usage === undefined ? "" : `${usage.total_tokens} tokens`;
    setAttributes(row.root, {
      "aria-level": level,
      "aria-setsize": (parent?.children ?? this.#roots).length,
      "aria-posinset": node.position,
      "aria-expanded": children.length === 0 ? undefined : String(!this.#closed.has(span.spanId)),
      "aria-selected": String(span.spanId === this.#chosenId),
      tabindex: span.spanId === this.#focusId ? 0 : -1,
      "data-state": state,
    });
    row.root.style.setProperty("--level", String(Math.min(level, 12)));
    setAttributes(row.type, { "data-kind": kindOf(span) });
    setAttributes(row.bar, { "data-kind": kindOf(span) });
    setText(row.type, span.spanType);
    setText(row.name, span.name);
    setText(row.mark, MARKS[state]);
    setText(row.tokens, tokens);
    setText(row.duration, duration ?? "");
    const wholeNs = Math.max(Number(endNs - startNs), 1);
    const percent = (ns: bigint): number => Math.min(100, Math.max(0, (Number(ns) / wholeNs) * 100));
    row.bar.style.setProperty("--start", percent(span.startTimeNs - startNs).toFixed(3));
    row.bar.style.setProperty("--length", percent((span.endTimeNs ?? endNs) - span.startTimeNs).toFixed(3));
    return row;
  }

  #clicked(event: Event): void {
    const target = event.target as Element;
    const node = this.#nodeAt(target.closest("[role=treeitem]"));
    if (node === undefined) return;
    this.#focusId = node.span.spanId;
    if (target.closest(".twisty") !== null && node.children.length > 0) this.#setClosed(node, !this.#closed.has(node.span.spanId));
    else this.#choose(node.span);
  }

  #pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.#nodes.findIndex(({ span }) => span.spanId === this.#focusId);
    const node = this.#nodes[index];
    if (node === undefined || !this.#press(event.key, node, index)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #press(key: string, node: SpanNode, index: number): boolean {
    const isClosed = this.#closed.has(node.span.spanId);
    switch (key) {
      case "ArrowDown":
        return this.#focus(this.#nodes[index + 1]);
      case "ArrowUp":
        return this.#focus(this.#nodes[index - 1]);
      case "Home":
        return this.#focus(this.#nodes[0]);
      case "End":
        return this.#focus(this.#nodes.at(-1));
      case "ArrowRight":
        return isClosed ? this.#setClosed(node, false) : this.#focus(node.children[0]);
      case "ArrowLeft":
        return !isClosed && node.children.length > 0 ? this.#setClosed(node, true) : this.#focus(node.parent);
      case "*":
        for (const { span } of node.parent?.children ?? this.#roots) this.#closed.delete(span.spanId);
        this.#draw();
        return true;
      case "Enter":
      case " ":
        this.#choose(node.span);
        return true;
      default:
        return false;
    }
  }

  #setClosed({ span }: SpanNode, isClosed: boolean): boolean {
    if (isClosed) this.#closed.add(span.spanId);
    else this.#closed.delete(span.spanId);
    this.#draw();
    return true;
  }

  #focus(node: SpanNode | undefined): boolean {
    if (node !== undefined) {
      this.#focusId = node.span.spanId;
      this.#draw();
    }
    return true;
  }

  #nodeAt(row: Element | null): SpanNode | undefined {
    return this.#nodes.find(({ span }) => this.#rows.get(span.spanId)?.root === row);
  }
}

function makeRow(spanId: string): Row {
  const type = element("span", { class: "type" });
  const name = element("b");
  const mark = element("span", { class: "mark" });
  const tokens = element("span", { class: "tokens" });
  const duration = element("span", { class: "duration" });
  const bar = element("div", { class: "bar" });
  const root = element(
    "div",
    { role: "treeitem", class: "row", part: "row", "data-span-id": spanId },
    // The row is named by its text; the spaces, which nobody sees, keep the words apart.
    element("div", { class: "name" }, element("span", { class: "twisty", "aria-hidden": true }), type, " ", name, " ", mark),
    " ",
    element("div", { class: "figures" }, tokens, " ", duration),
    element("div", { class: "track" }, bar),
  );
  return { root, type, name, mark, tokens, duration, bar };
}
