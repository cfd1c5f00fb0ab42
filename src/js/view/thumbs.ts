/** Thumbs, by which a person judges the trace that is shown. */

import type { TraceInfo } from "../reading/trace.js";
import { element, setAttributes } from "./dom.js";

/** The detail of the event `feedback`: options of `logFeedback`. */
export interface FeedbackDetail {
  /** The id of the trace that was judged. */
  readonly traceId: string;
  /** The name of the feedback: the value of the element's attribute, or "feedback". */
  readonly name: string;
  /** Whether the trace was judged to be good. */
  readonly value: boolean;
}

/** Two buttons, of which at most one is pressed. */
export class Thumbs {
  /** The element that holds the buttons. */
  readonly group: Element;
  readonly #buttons: readonly [value: boolean, button: Element][];
  #judged: FeedbackDetail | undefined;
  #detail: Omit<FeedbackDetail, "value"> | undefined;

  /** `onJudge` gets what a person chooses, unless it is chosen already. */
  constructor(onJudge: (detail: FeedbackDetail) => void) {
    const button = (value: boolean, text: string, label: string): [boolean, Element] => {
      const made = element("button", { type: "button", "aria-label": label }, text);
      made.addEventListener("click", () => {
        if (this.#detail === undefined || made.getAttribute("aria-pressed") === "true") return;
        this.#judged = { ...this.#detail, value };
        this.#press(value);
        onJudge(this.#judged);
      });
      return [value, made];
    };
    this.#buttons = [button(true, "\u{1F44D}", "Good"), button(false, "\u{1F44E}", "Bad")];
    const attributes = { class: "thumbs", part: "feedback", role: "group", "aria-label": "Feedback" };
    this.group = element("span", attributes, ...this.#buttons.map(([, made]) => made));
  }

  /** Shows what is judged of the trace; nothing if `name` is `null`, or before the trace has ended. */
  show({ traceId, state, assessments }: TraceInfo, name: string | null): void {
    setAttributes(this.group, { hidden: name === null || state === "IN_PROGRESS" });
    this.#detail = { traceId, name: name || "feedback" };
    const { traceId: judgedId, name: judgedName, value } = this.#judged ?? {};
    const isJudged = judgedId === traceId && judgedName === this.#detail.name;
    const stored = assessments.findLast((one) => one.name === this.#detail?.name && typeof one.value === "boolean");
    this.#press(isJudged ? value : stored?.value);
  }

  #press(chosen: unknown): void {
    for (const [value, button] of this.#buttons) setAttributes(button, { "aria-pressed": String(value === chosen) });
  }
}
