/** The details of one span: inputs, outputs, error, events and attributes. */

import type { Span, SpanEvent } from "../reading/trace.js";
import { type Announce, copyButton } from "./copy.js";
import { element } from "./dom.js";
import { messagesIn, type ShownMessage } from "./messages.js";
import { tableOf } from "./table.js";
import {
  costOf,
  costText,
  durationText,
  formatValue,
  kindOf,
  modelOf,
  parsedJson,
  spanState,
  usageOf,
  usageText,
} from "./format.js";

const ROLE_KINDS: Readonly<Record<string, string>> = { assistant: "model", user: "agent", tool: "tool" };
const SHOWN_APART = new Set(["mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType", "mlflow.traceRequestId"]);

/** The pane that shows one span at a time. */
export class Details {
  readonly pane: HTMLElement = element("section", {
    class: "details",
    part: "details",
    "aria-label": "Details of the span",
    tabindex: -1,
  });
  /** The sections that a person has opened or closed, which stay so for other spans. */
  readonly #isOpen = new Map<string, boolean>();
  readonly #announce: Announce;
  readonly #onClose: () => void;
  #drawn = "";

  /** @param onClose the person closes the pane */
  constructor(announce: Announce, onClose: () => void) {
    this.#announce = announce;
    this.#onClose = onClose;
    this.pane.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") onClose();
    });
  }

  /** Shows `span`; does nothing if it has not changed. */
  show(span: Span): void {
    const { status, attributes, events } = span;
    const state = `${span.spanId} ${String(span.endTimeNs)} ${formatValue([status, attributes, events])}`;
    if (state === this.#drawn) return;
    this.#drawn = state;
    const close = element("button", { type: "button", class: "close", "aria-label": "Close the details" }, "✕");
    close.addEventListener("click", this.#onClose);
    const failure = span.status.code === "ERROR" ? span.status.description || "failed" : undefined;
    this.pane.replaceChildren(
      element(
        "header",
        {},
        element("span", { class: "type", "data-kind": kindOf(span) }, span.spanType),
        element("h3", {}, span.name),
        close,
      ),
      element(
        "div",
        { class: "facts" },
        ...summaryItems(span).map((item) => element("span", {}, item)),
        element(
          "span",
          {},
          `span ${span.spanId} `,
          copyButton("span id", () => span.spanId, this.#announce),
        ),
      ),
      ...(failure === undefined
        ? []
        : [element("div", { class: "failure" }, element("strong", {}, "Failed: "), failure)]),
      ...span.events.map((event) => this.#event(event, span)),
      ...this.#value("Inputs", span.inputs),
      ...this.#value("Outputs", span.outputs),
      ...this.#attributes(span),
    );
  }

  /** Scrolls the pane into view, in layouts in which it is not beside the tree. */
  reveal(): void {
    if (getComputedStyle(this.pane).position === "sticky") return;
    const isSmooth = matchMedia("(prefers-reduced-motion: no-preference)").matches;
    this.pane.scrollIntoView({ block: "nearest", behavior: isSmooth ? "smooth" : "auto" });
  }

  #section(title: string, openAtFirst: boolean, ...content: Node[]): HTMLElement {
    const section = element(
      "details",
      { open: this.#isOpen.get(title) ?? openAtFirst },
      element("summary", {}, title),
      ...content,
    );
    section.addEventListener("toggle", () => this.#isOpen.set(title, section.open));
    return section;
  }

  #value(title: string, value: unknown): HTMLElement[] {
    if (value === undefined || value === null) return [];
    const found = messagesIn(value);
    const copy = copyButton(title.toLowerCase(), () => formatValue(value), this.#announce);
    const withCopy = (content: HTMLElement): HTMLElement =>
      element("div", { class: "copied" }, this.#section(title, true, content), copy);
    if (found === undefined) return [withCopy(tableOf(value, title) ?? code(value, title))];
    const rest =
      found.rest === undefined
        ? []
        : [this.#section(`${title}: everything else`, false, code(found.rest, `${title}, everything else`))];
    return [withCopy(chat(found.messages)), ...rest];
  }

  #event({ name, timeNs, attributes }: SpanEvent, { startTimeNs, status }: Span): HTMLElement {
    const after = durationText(startTimeNs, timeNs);
    const { "exception.type": type, "exception.message": message, "exception.stacktrace": stack, ...rest } = attributes;
    const isException = name === "exception";
    const title = isException ? `Exception${type === undefined ? "" : `: ${String(type)}`}` : `Event: ${name}`;
    const content = [
      element("p", { class: "facts" }, `after ${after}`),
      ...(message === undefined || message === status.description ? [] : [element("p", {}, formatValue(message))]),
      ...(stack === undefined || stack === "" ? [] : [code(stack, "Stack")]),
      ...(Object.keys(rest).length === 0 ? [] : [code(rest, "Attributes of the event")]),
    ];
    return this.#section(title, isException, ...content);
  }

  #attributes({ attributes }: Span): HTMLElement[] {
    const entries = Object.entries(attributes).filter(([key]) => !SHOWN_APART.has(key));
    if (entries.length === 0) return [];
    const list = element("dl", { class: "attributes" });
    for (const [key, value] of entries.sort(([one], [other]) => (one < other ? -1 : 1)))
      list.append(element("div", {}, element("dt", {}, key), element("dd", {}, formatValue(value))));
    return [this.#section(`Attributes (${entries.length})`, false, list)];
  }
}

function summaryItems(span: Span): string[] {
  const began = new Date(Number(span.startTimeNs / 1_000_000n));
  const [model, usage, cost] = [modelOf(span), usageOf(span), costOf(span)];
  return [
    spanState(span),
    durationText(span.startTimeNs, span.endTimeNs) ?? "not ended yet",
    `began ${began.toLocaleTimeString()}`,
    ...(model === undefined ? [] : [model]),
    ...(usage === undefined ? [] : [usageText(usage)]),
    ...(cost === undefined ? [] : [costText(cost)]),
  ];
}

/** A block of text that can be focused, so that it can be scrolled without a mouse. */
function code(value: unknown, label: string): HTMLElement {
  return element("pre", { tabindex: 0, role: "group", "aria-label": label }, formatValue(value));
}

function chat(messages: readonly ShownMessage[]): HTMLElement {
  return element("ol", { class: "chat" }, ...messages.map(bubble));
}

function bubble({ role, name, text, calls }: ShownMessage): HTMLElement {
  const author = name === undefined ? role : role === "" ? name : `${name} (${role})`;
  return element(
    "li",
    { class: "message", "data-kind": ROLE_KINDS[role] ?? "other" },
    element("div", { class: "who" }, author),
    ...(text === "" ? [] : [element("p", {}, text)]),
    ...calls.flatMap((call) => {
      const table = tableOf(parsedJson(call.arguments), `Arguments of ${call.name}`);
      const text = table === undefined ? `→ ${call.name}(${call.arguments})` : `→ ${call.name}`;
      return [element("div", { class: "call" }, text), ...(table === undefined ? [] : [table])];
    }),
  );
}
