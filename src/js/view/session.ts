/**
 * The element `<mlflow-session>`, which shows the traces of one conversation as turns, and the trace of one of them
 * below. Its property `traces` takes what `searchTraces` and `onTrace` give.
 */

import type { Trace } from "../reading/trace.js";
import { element, ElementBase, setAttributes, setText, styledRoot, upgradeProperties } from "./dom.js";
import { costText, countText, failuresText, traceCost, traceDuration, traceState } from "./format.js";
import { LABELS } from "./header.js";
import { STYLES } from "./styles.js";
import { answerOf, questionOf } from "./turns.js";

/** The detail of the event `traceselect`. */
export interface TraceSelectDetail {
  /** The selected trace. */
  readonly trace: Trace;
}

/** The events of `<mlflow-session>` by name; those of the `<mlflow-trace>` in it bubble. */
export interface MlflowSessionEventMap {
  /** A person has selected a turn. */
  traceselect: CustomEvent<TraceSelectDetail>;
}

interface Parts {
  readonly empty: Element;
  readonly summary: Element;
  readonly name: Element;
  readonly items: readonly Element[];
  readonly list: Element;
  readonly view: Element & { trace: Trace | null };
}

interface Turn {
  readonly root: Element;
  readonly button: Element;
  readonly texts: readonly Element[];
}

/**
 * The element `<mlflow-session>`: the traces of one conversation as turns, and the trace of the selected turn as
 * `<mlflow-trace>`, at first that of the newest.
 *
 * Event `traceselect` (`CustomEvent<TraceSelectDetail>`; bubbles, composed): a person has selected a turn. The events
 * `spanselect` and `feedback` of the trace bubble; the attribute `feedback` is passed on to it.
 * Parts to style: `session`, `turns`, `turn`, and those of `<mlflow-trace>`.
 *
 * @example
 * import "mlflow-ag2/view";
 *
 * const { traces } = await searchTraces({ filterString: "metadata.`mlflow.trace.session` = 'help desk 7'" });
 * document.querySelector("mlflow-session")!.traces = traces;
 */
export class MlflowSessionElement extends ElementBase {
  #parts: Parts | undefined;
  #traces: readonly Trace[] = [];
  #selectedTraceId: string | undefined;
  readonly #turns = new Map<string, Turn>();

  /** The attributes whose changes the browser reports. */
  static readonly observedAttributes: readonly string[] = ["feedback"];

  /** The traces, in any order. Set them again when one has changed or was added: the selected turn stays. */
  get traces(): readonly Trace[] {
    return this.#traces;
  }

  /** Shows other traces, or the new states of the same ones. */
  set traces(traces: readonly Trace[]) {
    this.#traces = [...(traces ?? [])].sort((one, other) => one.info.requestTimeMs - other.info.requestTimeMs);
    this.#draw();
  }

  /** The id of the trace that is shown: the one that was selected, else the newest; `undefined` without traces. */
  get selectedTraceId(): string | undefined {
    return this.selectedTrace?.info.traceId;
  }

  /** Shows the trace with this id; `undefined` follows the newest. Fires no event. */
  set selectedTraceId(traceId: string | undefined) {
    this.#selectedTraceId = traceId;
    this.#draw();
  }

  /** The trace that is shown, in its current state; `undefined` without traces. */
  get selectedTrace(): Trace | undefined {
    return this.#traces.find(({ info }) => info.traceId === this.#selectedTraceId) ?? this.#traces.at(-1);
  }

  /** Called by the browser when the element is connected to a document. */
  connectedCallback(): void {
    upgradeProperties(this, "traces", "selectedTraceId");
    this.#draw();
  }

  /** Called by the browser when the attribute `feedback` has changed. */
  attributeChangedCallback(): void {
    this.#draw();
  }

  /** Adds a listener, as for every element; the element's own event has a type. */
  override addEventListener<Name extends keyof MlflowSessionEventMap>(
    type: Name,
    listener: (event: MlflowSessionEventMap[Name]) => void,
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

  #draw(): void {
    if (!this.isConnected) return;
    const { empty, summary, name, items, list, view } = (this.#parts ??= this.#make());
    const traces = this.#traces;
    const shown = this.selectedTrace;
    setAttributes(empty, { hidden: shown !== undefined });
    for (const part of [summary, list, view]) setAttributes(part, { hidden: shown === undefined });
    if (shown === undefined) return;
    const metadata = (key: string): string | undefined =>
      traces.find(({ info }) => info.traceMetadata[key])?.info.traceMetadata[key];
    setText(name, `Session ${metadata("mlflow.trace.session") ?? ""}`);
    const user = metadata("mlflow.trace.user");
    const tokens = traces.reduce((sum, { info }) => sum + (info.tokenUsage?.total_tokens ?? 0), 0);
    const costs = traces.map(({ info, data }) => traceCost(info, data.spans)).filter((cost) => cost !== undefined);
    const texts = [
      countText(traces.length, "turn"),
      user === undefined ? "" : `user ${user}`,
      tokens === 0 ? "" : `${tokens} tokens`,
      costs.length === 0 ? "" : costText(costs.reduce((sum, cost) => sum + cost, 0)),
    ];
    items.forEach((item, index) => setText(item, texts[index]!));
    this.#drawTurns(list, shown);
    setAttributes(view, { feedback: this.getAttribute("feedback") ?? undefined });
    view.trace = shown;
  }

  #drawTurns(list: Element, shown: Trace): void {
    const ids = new Set(this.#traces.map(({ info }) => info.traceId));
    for (const [id, { root }] of this.#turns) {
      if (ids.has(id)) continue;
      root.remove();
      this.#turns.delete(id);
    }
    this.#traces.forEach((trace, index) => {
      const { info, data } = trace;
      const { root, button, texts } = this.#turns.get(info.traceId) ?? this.#addTurn(info.traceId);
      // A focused button loses the focus if it is moved.
      if (list.children[index] !== root) list.insertBefore(root, list.children[index] ?? null);
      const cost = traceCost(info, data.spans);
      const values = [
        questionOf(trace),
        answerOf(trace),
        `${LABELS[traceState(info)]}${failuresText(trace)}`,
        new Date(info.requestTimeMs).toLocaleTimeString(),
        traceDuration(info),
        info.tokenUsage === null ? "" : `${info.tokenUsage.total_tokens} tokens`,
        cost === undefined ? "" : costText(cost),
      ];
      texts.forEach((text, place) => setText(text, values[place]!));
      setAttributes(texts[2]!, { "data-state": traceState(info) });
      setAttributes(button, { "aria-current": String(trace === shown) });
    });
  }

  #addTurn(traceId: string): Turn {
    const [question, answer] = [element("b"), element("span", { class: "answer" })];
    const facts = [element("span", { class: "state" }), ...Array.from({ length: 4 }, () => element("span"))];
    const words = facts.flatMap((fact) => [fact, " "]);
    const button = element(
      "button",
      { type: "button", class: "turn", part: "turn" },
      question,
      " ",
      answer,
      " ",
      element("span", { class: "facts" }, ...words),
    );
    button.addEventListener("click", () => {
      this.#selectedTraceId = traceId;
      this.#draw();
      const detail: TraceSelectDetail = { trace: this.selectedTrace! };
      this.dispatchEvent(new CustomEvent("traceselect", { detail, bubbles: true, composed: true }));
    });
    const turn = { root: element("li", {}, button), button, texts: [question, answer, ...facts] };
    this.#turns.set(traceId, turn);
    return turn;
  }

  #make(): Parts {
    const root = styledRoot(this, STYLES);
    const name = element("h2");
    const items = Array.from({ length: 4 }, () => element("span"));
    const summary = element("div", { class: "summary", part: "session" }, name, ...items);
    const list = element("ol", { class: "turns", part: "turns", "aria-label": "Turns" });
    const view = element("mlflow-trace", { exportparts: "summary, feedback, tools, tree, row, details" });
    const empty = element("div", { class: "empty" }, element("slot", {}, "No trace yet."));
    root.append(empty, summary, list, view);
    return { empty, summary, name, items, list, view };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "mlflow-session": MlflowSessionElement;
  }
}
