/**
 * The tree of spans with a bar for each on one time axis. Rows are reused when the trace changes, so
 * that the focused row keeps the focus. Keys: WAI-ARIA's tree view pattern.
 */

import type { Span, Trace } from "../reading/trace.js";
import { element, setAttributes, setText } from "./dom.js";
import { visibleNodes, type SpanNode, timesOf, treeOf } from "./tree.js";
import { costOf, costText, durationText, kindOf, modelOf, spanState, usageOf } from "./format.js";

const NS_PER_MS = 1e6;
const MARKS = { running: "running", failed: "✕ failed", done: "" } as const;

interface Row {
  readonly root: HTMLElement;
  readonly type: HTMLElement;
  readonly name: HTMLElement;
  readonly model: HTMLElement;
  readonly mark: HTMLElement;
  readonly cost: HTMLElement;
  readonly tokens: HTMLElement;
  readonly duration: HTMLElement;
  readonly bar: HTMLElement;
}

/** The rows of one trace. */
export class Waterfall {
  readonly tree: HTMLElement = element("div", { role: "tree", "aria-label": "Spans", class: "tree", part: "tree" });
  /** The labels of the time axis. */
  readonly scale: HTMLElement = element(
    "div",
    { class: "scale", "aria-hidden": true },
    element("div", {}, element("span", {}, "0"), element("span")),
  );
  readonly #onSelect: (span: Span) => void;
  readonly #rows = new Map<string, Row>();
  readonly #collapsed = new Set<string>();
  #roots: SpanNode[] = [];
  #nodes: SpanNode[] = [];
  #trace: Trace | undefined;
  /** The ids of the spans that a search has found; `undefined` while there is no search. */
  #found: ReadonlySet<string> | undefined;
  /** The span of the only row that the Tab key reaches. */
  #focusId: string | undefined;
  #selectedId: string | undefined;

  /** @param select called when a person selects a span */
  constructor(select: (span: Span) => void) {
    this.#onSelect = select;
    this.tree.addEventListener("keydown", (event) => this.#onKeyDown(event));
    this.tree.addEventListener("click", (event) => this.#onClick(event));
  }

  /**
   * Shows `trace`; of its spans those with the ids in `found`, with their ancestors, if there is a search. All spans of
   * a new trace are expanded.
   */
  show(trace: Trace, selectedId: string | undefined, found: ReadonlySet<string> | undefined): void {
    this.#found = found;
    if (trace.info.traceId !== this.#trace?.info.traceId) {
      this.#collapsed.clear();
      this.#focusId = undefined;
    }
    this.#trace = trace;
    this.#roots = treeOf(trace);
    this.select(selectedId);
  }

  /** All spans, from top to bottom, also those that are not visible. */
  get spans(): Span[] {
    return visibleNodes(this.#roots, () => false).map(({ span }) => span);
  }

  /** Expands the ancestors of spans. */
  expandTo(ids: ReadonlySet<string>): void {
    for (const { span } of this.#ancestors(ids)) this.#collapsed.delete(span.spanId);
    this.#draw();
  }

  /** Scrolls to the row of the selected span. */
  revealSelected(): void {
    this.#rows.get(this.#selectedId ?? "")?.root.scrollIntoView({ block: "nearest" });
  }

  /** Focuses the row that the Tab key reaches. */
  focus(): void {
    this.#rows.get(this.#focusId ?? "")?.root.focus();
  }

  #ancestors(ids: ReadonlySet<string>): Set<SpanNode> {
    const found = new Set<SpanNode>();
    for (const node of visibleNodes(this.#roots, () => false))
      if (ids.has(node.span.spanId)) for (let at = node.parent; at !== undefined; at = at.parent) found.add(at);
    return found;
  }

  /** Marks a span as selected, and expands its ancestors. */
  select(selectedId: string | undefined): void {
    if (selectedId !== this.#selectedId) {
      const selected = visibleNodes(this.#roots, () => false).find(({ span }) => span.spanId === selectedId);
      for (let at = selected?.parent; at !== undefined; at = at.parent) this.#collapsed.delete(at.span.spanId);
      if (selected !== undefined) this.#focusId = selectedId;
    }
    this.#selectedId = selectedId;
    this.#draw();
  }

  /** Collapses every span that has children, except the roots, or expands all. */
  setAllCollapsed(isCollapsed: boolean): void {
    this.#collapsed.clear();
    if (isCollapsed)
      for (const { span, children, level } of visibleNodes(this.#roots, () => false))
        if (children.length > 0 && level > 1) this.#collapsed.add(span.spanId);
    this.#draw();
  }

  #draw(): void {
    const trace = this.#trace;
    if (trace === undefined) return;
    const hadFocus = this.tree.matches(":focus-within");
    const shown = visibleNodes(this.#roots, ({ span }) => this.#collapsed.has(span.spanId));
    const found = this.#found;
    const above = found && this.#ancestors(found);
    this.#nodes = shown.filter((node) => found?.has(node.span.spanId) !== false || above?.has(node));
    this.#focusId = this.#nearestVisible()?.span.spanId;
    const times = timesOf(trace, BigInt(Math.round(Date.now())) * BigInt(NS_PER_MS));
    setText(this.scale.firstElementChild!.lastElementChild!, durationText(times.startNs, times.endNs) ?? "");

    const visibleIds = new Set(this.#nodes.map(({ span }) => span.spanId));
    for (const [id, row] of this.#rows) {
      if (visibleIds.has(id)) continue;
      row.root.remove();
      this.#rows.delete(id);
    }
    let before: Element | null = null;
    for (const node of this.#nodes) {
      const row = this.#row(node, times);
      const next: Element | null = before === null ? this.tree.firstElementChild : before.nextElementSibling;
      // A focused row loses the focus if it is moved.
      if (next !== row.root) this.tree.insertBefore(row.root, next);
      before = row.root;
    }
    // Only if another row has the focus: focusing the focused row would scroll the page to it.
    const focused = hadFocus && this.#focusId !== undefined ? this.#rows.get(this.#focusId)?.root : undefined;
    if (focused?.matches(":focus") === false) focused.focus();
  }

  /** The focused node, or its nearest visible ancestor, or the first node. */
  #nearestVisible(): SpanNode | undefined {
    let at = visibleNodes(this.#roots, () => false).find(({ span }) => span.spanId === this.#focusId);
    while (at !== undefined && !this.#nodes.includes(at)) at = at.parent;
    return at ?? this.#nodes[0];
  }

  #row(node: SpanNode, { startNs, endNs }: { startNs: bigint; endNs: bigint }): Row {
    const { span, level, children, parent } = node;
    const row = this.#rows.get(span.spanId) ?? makeRow(span.spanId);
    this.#rows.set(span.spanId, row);
    const state = spanState(span);
    const duration = durationText(span.startTimeNs, span.endTimeNs);
    const usage = usageOf(span);
    const cost = costOf(span);
    const tokens = usage === undefined ? "" : `${usage.total_tokens} tokens`;
    setAttributes(row.root, {
      "aria-level": level,
      "aria-setsize": (parent?.children ?? this.#roots).length,
      "aria-posinset": node.position,
      "aria-expanded": children.length === 0 ? undefined : String(!this.#collapsed.has(span.spanId)),
      "aria-selected": String(span.spanId === this.#selectedId),
      tabindex: span.spanId === this.#focusId ? 0 : -1,
      "data-state": state,
      "data-found": this.#found?.has(span.spanId),
    });
    row.root.style.setProperty("--level", String(Math.min(level, 12)));
    setAttributes(row.type, { "data-kind": kindOf(span) });
    setAttributes(row.bar, { "data-kind": kindOf(span) });
    setText(row.type, span.spanType);
    setText(row.name, span.name);
    setText(row.model, modelOf(span) ?? "");
    setText(row.mark, MARKS[state]);
    setText(row.cost, cost === undefined ? "" : costText(cost));
    setText(row.tokens, tokens);
    setText(row.duration, duration ?? "");
    const wholeNs = Math.max(Number(endNs - startNs), 1);
    const percent = (ns: bigint): number => Math.min(100, Math.max(0, (Number(ns) / wholeNs) * 100));
    row.bar.style.setProperty("--start", percent(span.startTimeNs - startNs).toFixed(3));
    row.bar.style.setProperty("--length", percent((span.endTimeNs ?? endNs) - span.startTimeNs).toFixed(3));
    return row;
  }

  #onClick(event: Event): void {
    const target = event.target as Element;
    const node = this.#nodeAt(target.closest("[role=treeitem]"));
    if (node === undefined) return;
    this.#focusId = node.span.spanId;
    if (target.closest(".twisty") !== null && node.children.length > 0)
      this.#setCollapsed(node, !this.#collapsed.has(node.span.spanId));
    else this.#onSelect(node.span);
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.#nodes.findIndex(({ span }) => span.spanId === this.#focusId);
    const node = this.#nodes[index];
    if (node === undefined || !this.#handleKey(event.key, node, index)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #handleKey(key: string, node: SpanNode, index: number): boolean {
    const isCollapsed = this.#collapsed.has(node.span.spanId);
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
        return isCollapsed ? this.#setCollapsed(node, false) : this.#focus(node.children[0]);
      case "ArrowLeft":
        return !isCollapsed && node.children.length > 0 ? this.#setCollapsed(node, true) : this.#focus(node.parent);
      case "*":
        for (const { span } of node.parent?.children ?? this.#roots) this.#collapsed.delete(span.spanId);
        this.#draw();
        return true;
      case "Enter":
      case " ":
        this.#onSelect(node.span);
        return true;
      default:
        return false;
    }
  }

  #setCollapsed({ span }: SpanNode, isCollapsed: boolean): boolean {
    if (isCollapsed) this.#collapsed.add(span.spanId);
    else this.#collapsed.delete(span.spanId);
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
  const model = element("span", { class: "model" });
  const mark = element("span", { class: "mark" });
  const cost = element("span", { class: "cost" });
  const tokens = element("span", { class: "tokens" });
  const duration = element("span", { class: "duration" });
  const bar = element("div", { class: "bar" });
  const root = element(
    "div",
    { role: "treeitem", class: "row", part: "row", "data-span-id": spanId },
    // The text of the row is its accessible name; invisible spaces separate the words.
    element(
      "div",
      { class: "name" },
      element("span", { class: "twisty", "aria-hidden": true }),
      type,
      " ",
      name,
      " ",
      model,
      " ",
      mark,
    ),
    " ",
    element("div", { class: "figures" }, tokens, " ", cost, " ", duration),
    element("div", { class: "track" }, bar),
  );
  return { root, type, name, model, mark, tokens, cost, duration, bar };
}
