/**
 * The element `<mlflow-trace>`, which shows one trace as a waterfall. Its property `trace` takes the
 * traces of `onTrace` and `getTrace`; set it again when the trace has changed. It loads, sends and
 * stores nothing: a person's feedback is an event.
 */

import type { Span, Trace } from "../reading/trace.js";
import { Details } from "./details.js";
import { element, ElementBase, setAttributes, setText, styledRoot, upgradeProperties } from "./dom.js";
import { Header } from "./header.js";
import { highlight } from "./highlight.js";
import { Search } from "./search.js";
import { STYLES } from "./styles.js";
import { Waterfall } from "./waterfall.js";
import { type FeedbackDetail, Thumbs } from "./thumbs.js";

/** The detail of the event `spanselect`. */
export interface SpanSelectDetail {
  /** The selected span; `undefined` after a deselection. */
  readonly span: Span | undefined;
}

/** The events of `<mlflow-trace>` by name. */
export interface MlflowTraceEventMap {
  /** A person has selected or deselected a span. */
  spanselect: CustomEvent<SpanSelectDetail>;
  /** A person has judged the trace. */
  feedback: CustomEvent<FeedbackDetail>;
}

interface Parts {
  readonly empty: Element;
  readonly panes: Element;
  readonly bar: Element;
}

const HINT = "Select a row to see its inputs and outputs.";

/**
 * The element `<mlflow-trace>`.
 *
 * Event `spanselect` (`CustomEvent<SpanSelectDetail>`; bubbles, composed): a person has selected a span.
 * Attribute `feedback`: shows thumbs, which fire the event `feedback` (`CustomEvent<FeedbackDetail>`; bubbles,
 * composed). Its value is the name of the feedback; default "feedback".
 * Parts to style: `summary`, `tree`, `row`, `details`. Custom properties: docs/view.md.
 *
 * @example
 * import "mlflow-ag2/view";
 *
 * const view = document.querySelector("mlflow-trace")!;
 * const stop = onTrace((trace) => {
 *   view.trace = trace;
 * });
 * view.addEventListener("spanselect", ({ detail: { span } }) => console.log(span?.name, span?.inputs));
 */
export class MlflowTraceElement extends ElementBase {
  readonly #waterfall = new Waterfall((span) => this.#onSelect(span));
  readonly #message = element("div", { class: "unseen", role: "status" });
  readonly #announce = (message: string): void => setText(this.#message, message);
  readonly #details = new Details(this.#announce, () => this.#close());
  readonly #thumbs = new Thumbs((detail) => this.#emit("feedback", detail));
  readonly #header = new Header(this.#thumbs.group, this.#announce);
  readonly #search = new Search({
    onChange: () => this.#onSearch(),
    onStep: (step) => this.#onStep(step),
    onLeave: () => this.#waterfall.focus(),
  });
  readonly #hint = element("span", { class: "hint", id: "hint" }, HINT);
  #highlighted = "";
  #parts: Parts | undefined;
  #trace: Trace | null = null;
  #selectedSpanId: string | undefined;

  /** The attributes whose changes the browser reports. */
  static readonly observedAttributes: readonly string[] = ["feedback"];

  /**
   * The trace that is shown; `null` for none. Set it again when it has changed: selection, focus and collapsed spans
   * stay.
   */
  get trace(): Trace | null {
    return this.#trace;
  }

  /** Shows another trace, or the new state of the same one, whose selection and collapsed spans stay. */
  set trace(trace: Trace | null) {
    if (this.#trace?.info.traceId !== trace?.info.traceId) this.#selectedSpanId = undefined;
    this.#trace = trace ?? null;
    this.#draw();
  }

  /** The id of the span whose details are shown; `undefined` for none. Setting it fires no event. */
  get selectedSpanId(): string | undefined {
    return this.#selectedSpanId;
  }

  /** Opens the details of a span; `undefined` closes them. */
  set selectedSpanId(spanId: string | undefined) {
    this.#selectedSpanId = spanId ?? undefined;
    this.#draw();
  }

  /** The selected span in its current state; `undefined` if none is selected. */
  get selectedSpan(): Span | undefined {
    return this.#trace?.data.spans.find(({ spanId }) => spanId === this.#selectedSpanId);
  }

  /** Expands every span that has children. */
  expandAll(): void {
    this.#waterfall.setAllCollapsed(false);
  }

  /** Collapses every span that has children, except the roots. */
  collapseAll(): void {
    this.#waterfall.setAllCollapsed(true);
  }

  /** Called by the browser when the element is connected to a document. */
  connectedCallback(): void {
    upgradeProperties(this, "trace", "selectedSpanId");
    this.#draw();
  }

  /** Called by the browser when the attribute `feedback` has changed. */
  attributeChangedCallback(): void {
    this.#draw();
  }

  /** Adds a listener, as for every element; the element's own events have types. */
  override addEventListener<Name extends keyof MlflowTraceEventMap>(
    type: Name,
    listener: (event: MlflowTraceEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Adds a listener, as for every element. */
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(type: string, listener: unknown, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener as EventListener, options);
  }

  #onSelect(span: Span): void {
    const isSame = span.spanId === this.#selectedSpanId;
    this.#select(isSame ? undefined : span);
    if (!isSame) this.#details.reveal();
  }

  #select(span: Span | undefined): void {
    this.#selectedSpanId = span?.spanId;
    // The person knows by now; users of screen readers still hear it with the tree.
    this.#hint.classList.add("unseen");
    this.#draw();
    this.#emit("spanselect", { span });
  }

  #close(): void {
    this.#select(undefined);
    this.#waterfall.focus();
  }

  #onSearch(): void {
    this.#draw();
    const found = this.#trace && this.#search.found(this.#trace);
    if (found) this.#waterfall.expandTo(found);
  }

  /** Selects the next span that was found; the focus stays in the search box. */
  #onStep(step: 1 | -1): void {
    const found = this.#found();
    if (found === undefined || found.length === 0) return;
    const place = found.findIndex(({ spanId }) => spanId === this.#selectedSpanId);
    const next = place < 0 && step < 0 ? found.length - 1 : (place + step + found.length) % found.length;
    this.#select(found[next]);
    this.#waterfall.revealSelected();
  }

  #found(): Span[] | undefined {
    const found = this.#trace && this.#search.found(this.#trace);
    return found ? this.#waterfall.spans.filter(({ spanId }) => found.has(spanId)) : undefined;
  }

  #emit(type: keyof MlflowTraceEventMap, detail: SpanSelectDetail | FeedbackDetail): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #draw(): void {
    if (!this.isConnected) return;
    const parts = (this.#parts ??= this.#make());
    const trace = this.#trace;
    setAttributes(parts.empty, { hidden: trace !== null });
    for (const part of [this.#header.root, parts.bar, parts.panes]) setAttributes(part, { hidden: trace === null });
    if (trace === null) return;
    this.#header.show(trace);
    this.#thumbs.show(trace.info, this.getAttribute("feedback"));
    this.#waterfall.show(trace, this.#selectedSpanId, this.#search.found(trace));
    const found = this.#found();
    const place = found?.findIndex(({ spanId }) => spanId === this.#selectedSpanId) ?? -1;
    this.#search.showCount(found?.length, place + 1);
    const selected = this.selectedSpan;
    parts.panes.classList.toggle("open", selected !== undefined);
    setAttributes(this.#details.pane, { hidden: selected === undefined });
    if (selected !== undefined) this.#details.show(selected);
    this.#highlight();
  }

  #highlight(): void {
    const { words } = this.#search;
    if (words !== this.#highlighted || words !== "") highlight(this.#parts!.panes, words);
    this.#highlighted = words;
  }

  #make(): Parts {
    const root = styledRoot(this, STYLES);
    const panes = element(
      "div",
      { class: "panes" },
      element("div", { class: "falls" }, this.#waterfall.scale, this.#waterfall.tree),
      this.#details.pane,
    );
    const empty = element("div", { class: "empty" }, element("slot", {}, "No trace yet."));
    const bar = element("div", { class: "tools", part: "tools" }, this.#search.bar, this.#hint);
    setAttributes(this.#waterfall.tree, { "aria-describedby": "hint" });
    root.append(empty, this.#header.root, bar, panes, this.#message);
    root.addEventListener("keydown", (event) => {
      const { key, altKey, ctrlKey, metaKey } = event as KeyboardEvent;
      if (key !== "/" || altKey || ctrlKey || metaKey || event.target === this.#search.field) return;
      event.preventDefault();
      this.#search.field.focus();
    });
    return { empty, panes, bar };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "mlflow-trace": MlflowTraceElement;
  }
}
