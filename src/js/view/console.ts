/**
 * `mlflow-ag2/view/console`: traces as text, for terminals and logs in any host.
 *
 * @module mlflow-ag2/view/console
 */

import type { Span, Trace } from "../reading/trace.js";
import { type SpanNode, treeOf } from "./tree.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import {
  costOf,
  costText,
  countText,
  durationText,
  failuresText,
  modelOf,
  spanState,
  traceCost,
  traceDuration,
  usageOf,
  usageText,
} from "./format.js";

/** Options of `traceText`. */
export interface TraceTextOptions {
  /**
   * Whether the text has ANSI colours. Default: if standard output is a terminal, subject to `NO_COLOR` and
   * `FORCE_COLOR`.
   */
  colors?: boolean;
}

/** Options of `printTrace`. */
export interface PrintTraceOptions extends TraceTextOptions {
  /** Prints the text, which has no final line break. Default: `console.log`. */
  print?: (text: string) => void;
}

const TEXT_OPTIONS: OptionRules<TraceTextOptions> = { colors: "flag" };
const PRINT_OPTIONS: OptionRules<PrintTraceOptions> = { ...TEXT_OPTIONS, print: "function" };

type Paint = (text: string, ...codes: readonly number[]) => string;

const BOLD = 1;
const DIM = 2;
const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const TYPE_COLORS: Readonly<Record<string, number>> = { AGENT: 34, CHAT_MODEL: 35, LLM: 35, TOOL: 36 };

/**
 * Prints a trace as a tree of its spans with types, models, durations, tokens, costs and errors. A trace that is still
 * running is printed with its spans so far.
 *
 * @throws MlflowAg2Error `invalid_argument` for an unknown option, or a value that it cannot have.
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * if (trace !== null) printTrace(trace);
 * @example
 * // Every finished trace, to a log of your own.
 * onTrace((trace) => {
 *   if (trace.info.state !== "IN_PROGRESS") printTrace(trace, { colors: false, print: (text) => console.debug(text) });
 * });
 */
export function printTrace(trace: Trace, options: PrintTraceOptions = {}): void {
  checkOptions("printTrace", options, PRINT_OPTIONS);
  const { print = console.log, ...ofText } = options;
  print(traceText(trace, ofText));
}

/**
 * The text that `printTrace` prints: a line for the trace, then a line for each span.
 *
 * @throws MlflowAg2Error as `printTrace`.
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * if (trace !== null) document.querySelector("pre")!.textContent = traceText(trace, { colors: false });
 */
export function traceText(trace: Trace, options: TraceTextOptions = {}): string {
  checkOptions("traceText", options, TEXT_OPTIONS);
  const { colors = wantsColors() } = options;
  const paint: Paint = colors
    ? (text, ...codes) => (text === "" ? "" : `\u001b[${codes.join(";")}m${text}\u001b[0m`)
    : (text) => text;
  const rows: { prefix: string; node: SpanNode; width: number }[] = [];
  const add = (node: SpanNode, prefix: string, indent: string): void => {
    rows.push({ prefix, node, width: prefix.length + labelOf(node.span).join("").length });
    node.children.forEach((child, index) => {
      const isLast = index === node.children.length - 1;
      add(child, `${indent}${isLast ? "└─ " : "├─ "}`, `${indent}${isLast ? "   " : "│  "}`);
    });
  };
  for (const root of treeOf(trace)) add(root, "", "");
  const width = Math.max(0, ...rows.map((row) => row.width));
  const lines = rows.map(({ prefix, node: { span }, width: used }) => {
    const [type, name, model] = labelOf(span);
    const paintedType = paint(type, TYPE_COLORS[span.spanType] ?? BOLD);
    const label = `${paint(prefix, DIM)}${paintedType}${name}${paint(model, DIM)}`;
    const duration = (durationText(span.startTimeNs, span.endTimeNs) ?? "running").padStart(9);
    const usage = usageOf(span);
    const cost = costOf(span);
    const figures = [usage && usageText(usage), cost === undefined ? undefined : costText(cost)]
      .filter((figure) => figure !== undefined)
      .map((figure) => `  ${figure}`);
    const isRunning = spanState(span) === "running";
    const paintedDuration = paint(duration, isRunning ? YELLOW : DIM);
    return `${label}${" ".repeat(width - used)}  ${paintedDuration}${figures.join("")}${errorText(span, paint)}`;
  });
  return [summaryLine(trace, paint), ...lines].join("\n");
}

function summaryLine(trace: Trace, paint: Paint): string {
  const { info, data } = trace;
  const { spans } = data;
  const color = info.state === "ERROR" ? RED : info.state === "OK" ? GREEN : YELLOW;
  const cost = traceCost(info, spans);
  const items = [
    paint(info.traceId, BOLD),
    paint(info.state, color) + paint(failuresText(trace), RED),
    traceDuration(info),
    countText(spans.length, "span"),
    info.tokenUsage === null ? "" : usageText(info.tokenUsage),
    cost === undefined ? "" : costText(cost),
  ];
  return items.filter((item) => item !== "").join(" · ");
}

/** What stands before the figures of a span: its type, its name, and the model that it called. */
function labelOf(span: Span): [type: string, name: string, model: string] {
  const model = modelOf(span);
  return [
    sanitize(span.spanType).padEnd(5),
    ` ${sanitize(span.name)}`,
    model === undefined ? "" : ` ${sanitize(model)}`,
  ];
}

function errorText(span: Span, paint: Paint): string {
  return spanState(span) === "failed" ? paint(`  ERROR: ${sanitize(span.status.description)}`, RED) : "";
}

/** Removes line breaks, control characters and marks of direction: a model's text must not move the cursor. */
function sanitize(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/\p{Cc}|\p{Bidi_Control}/gu, "\ufffd")
    .trim();
}

interface Terminal {
  process?: { env?: Record<string, string | undefined>; stdout?: { isTTY?: boolean } };
}

/** Whether colours are wanted: https://no-color.org and https://force-color.org, whose variables count unless empty. */
function wantsColors(): boolean {
  const { process } = globalThis as Terminal;
  try {
    if (process?.env?.["NO_COLOR"]) return false;
    const forced = process?.env?.["FORCE_COLOR"];
    if (forced) return forced !== "0";
  } catch {
    // Deno denies access to the environment without permission.
  }
  return process?.stdout?.isTTY === true;
}
