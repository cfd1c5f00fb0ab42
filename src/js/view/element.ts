/**
 * The element `<mlflow-trace>`, which shows one trace as a waterfall. Its property `trace` takes the
 * traces of `onTrace` and `getTrace`; set it again when the trace has changed. It loads, sends and
 * stores nothing: a person's feedback is an event.
 */

import type { Span, Trace } from "../reading/trace.js";
import { Details } from "./details.js";
import { element, setAttributes, setText } from "./dom.js";
import { STYLES } from "./styles.js";
import { Waterfall } from "./waterfall.js";
import { durationText, usageText } from "./format.js";
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
  readonly summary: Element;
  readonly name: Element;
  readonly state: Element;
  readonly items: readonly Element[];
  readonly panes: Element;
}

// Hosts without elements must be able to import this file, because servers render pages too.
const Base: typeof HTMLElement =
  typeof HTMLElement === "undefined" ? (class {} as unknown as typeof HTMLElement) : HTMLElement;

let sheet: CSSStyleSheet | undefined;

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
export class MlflowTraceElement extends Base {
  readonly #waterfall = new Waterfall((span) => this.#onSelect(span));
  readonly #details = new Details();
  readonly #thumbs = new Thumbs((detail) => this.#emit("feedback", detail));
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
    // Properties that were set before the element was defined are on the object and hide the accessors.
    for (const name of ["trace", "selectedSpanId"] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete (this as Partial<Record<typeof name, unknown>>)[name];
      (this as Record<typeof name, unknown>)[name] = value;
    }
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
    this.#selectedSpanId = isSame ? undefined : span.spanId;
    this.#draw();
    if (!isSame) this.#details.reveal();
    const detail: SpanSelectDetail = { span: isSame ? undefined : span };
    this.#emit("spanselect", detail);
  }

  #emit(type: keyof MlflowTraceEventMap, detail: SpanSelectDetail | FeedbackDetail): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #draw(): void {
    if (!this.isConnected) return;
    const parts = (this.#parts ??= this.#make());
    const trace = this.#trace;
    setAttributes(parts.empty, { hidden: trace !== null });
    setAttributes(parts.summary, { hidden: trace === null });
    setAttributes(parts.panes, { hidden: trace === null });
    if (trace === null) return;
    this.#summarise(trace, parts);
    this.#thumbs.show(trace.info, this.getAttribute("feedback"));
    this.#waterfall.show(trace, this.#selectedSpanId);
    const selected = this.selectedSpan;
    parts.panes.classList.toggle("open", selected !== undefined);
    setAttributes(this.#details.pane, { hidden: selected === undefined });
    if (selected !== undefined) this.#details.show(selected);
  }

  #summarise({ info, data: { spans } }: Trace, { name, state, items }: Parts): void {
    const { tokenUsage, executionDurationMs } = info;
    setText(name, info.tags["mlflow.traceName"] ?? spans[0]?.name ?? "trace");
    const [stateName, label] =
      info.state === "ERROR"
        ? ["failed", "✕ failed"]
        : info.state === "OK"
          ? ["done", "✓ done"]
          : ["running", "… running"];
    setAttributes(state, { "data-state": stateName });
    setText(state, label);
    const duration =
      executionDurationMs === undefined ? "" : durationText(0n, BigInt(Math.round(executionDurationMs * 1e6)))!;
    const texts = [
      duration,
      `${spans.length} ${spans.length === 1 ? "span" : "spans"}`,
      tokenUsage === null ? "" : usageText(tokenUsage),
      info.traceId,
    ];
    items.forEach((item, index) => setText(item, texts[index]!));
  }

  #make(): Parts {
    const root = this.attachShadow({ mode: "open" });
    if (sheet === undefined) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
    }
    root.adoptedStyleSheets = [sheet];
    const name = element("h2");
    const state = element("span", { class: "state", role: "status" });
    const items = [element("span"), element("span"), element("span"), element("span", { class: "id" })];
    const summary = element("div", { class: "summary", part: "summary" }, name, state, ...items, this.#thumbs.group);
    const panes = element(
      "div",
      { class: "panes" },
      element("div", { class: "falls" }, this.#waterfall.scale, this.#waterfall.tree),
      this.#details.pane,
    );
    const empty = element("div", { class: "empty" }, element("slot", {}, "No trace yet."));
    root.append(empty, summary, panes);
    return { empty, summary, name, state, items, panes };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "mlflow-trace": MlflowTraceElement;
  }
}
