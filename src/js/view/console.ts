/**
 * `mlflow-ag2/view/console`: a trace as text, for terminals and logs. Needs no page.
 *
 * @module mlflow-ag2/view/console
 */

import type { Span, Trace } from "../reading/trace.js";
import { type SpanNode, treeOf } from "./tree.js";
import { durationText, standing, usageOf, usageText } from "./words.js";

/** How a trace is written. */
export interface TraceTextOptions {
  /** ANSI colours. Default: when standard output is a terminal; `NO_COLOR` and `FORCE_COLOR` are heeded. */
  colors?: boolean;
}

/** How and where a trace is printed. */
export interface PrintTraceOptions extends TraceTextOptions {
  /** Takes the text, without a line break at its end. Default `console.log`. */
  print?: (text: string) => void;
}

type Paint = (text: string, ...codes: readonly number[]) => string;

const BOLD = 1;
const DIM = 2;
const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const TYPE_COLORS: Readonly<Record<string, number>> = { AGENT: 34, CHAT_MODEL: 35, LLM: 35, TOOL: 36 };

/**
 * Prints a trace as a tree of its spans with types, latencies, tokens and what failed. A trace that
 * still runs is printed as far as it is known.
 *
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * if (trace !== null) printTrace(trace);
 * @example
 * // Every trace that is done, into a log of your own.
 * onTrace((trace) => {
 *   if (trace.info.state !== "IN_PROGRESS") printTrace(trace, { colors: false, print: (text) => console.debug(text) });
 * });
 */
export function printTrace(trace: Trace, { print = console.log, ...options }: PrintTraceOptions = {}): void {
  print(traceText(trace, options));
}

/**
 * The text that `printTrace` prints: a line about the trace, then a line for each span.
 *
 * @example
 * const trace = await getTrace(getLastActiveTraceId());
 * if (trace !== null) document.querySelector("pre")!.textContent = traceText(trace, { colors: false });
 */
export function traceText(trace: Trace, { colors = wantsColors() }: TraceTextOptions = {}): string {
  const paint: Paint = colors ? (text, ...codes) => (text === "" ? "" : `\u001b[${codes.join(";")}m${text}\u001b[0m`) : (text) => text;
  const rows: { before: string; node: SpanNode; width: number }[] = [];
  const add = (node: SpanNode, before: string, indent: string): void => {
    rows.push({ before, node, width: before.length + nameOf(node.span).length });
    node.children.forEach((child, index) => {
      const isLast = index === node.children.length - 1;
      add(child, `${indent}${isLast ? "└─ " : "├─ "}`, `${indent}${isLast ? "   " : "│  "}`);
    });
  };
  for (const root of treeOf(trace)) add(root, "", "");
  const width = Math.max(0, ...rows.map((row) => row.width));
  const lines = rows.map(({ before, node: { span }, width: used }) => {
    const type = typeOf(span);
    const label = `${paint(before, DIM)}${paint(type, TYPE_COLORS[span.spanType] ?? BOLD)}${nameOf(span).slice(type.length)}`;
    const duration = (durationText(span.startTimeNs, span.endTimeNs) ?? "running").padStart(9);
    const usage = usageOf(span);
    const tokens = usage === undefined ? "" : `  ${usageText(usage)}`;
    const isRunning = standing(span) === "running";
    return `${label}${" ".repeat(width - used)}  ${paint(duration, isRunning ? YELLOW : DIM)}${tokens}${trouble(span, paint)}`;
  });
  return [summary(trace, paint), ...lines].join("\n");
}

function summary({ info, data: { spans } }: Trace, paint: Paint): string {
  const color = info.state === "ERROR" ? RED : info.state === "OK" ? GREEN : YELLOW;
  const duration = info.executionDurationMs === undefined ? undefined : durationText(0n, BigInt(Math.round(info.executionDurationMs * 1e6)));
  const usage = info.tokenUsage;
  const facts = [
    paint(info.traceId, BOLD),
    paint(info.state, color),
    duration,
    spans.length === 1 ? "1 span" : `${spans.length} spans`,
    usage && usageText(usage),
  ];
  return facts.filter((fact) => fact !== undefined).join(" · ");
}

function typeOf({ spanType }: Span): string {
  return plain(spanType).padEnd(5);
}

function nameOf(span: Span): string {
  return `${typeOf(span)} ${plain(span.name)}`;
}

function trouble(span: Span, paint: Paint): string {
  return standing(span) === "failed" ? paint(`  ERROR: ${plain(span.status.description)}`, RED) : "";
}

/** In one line and without control characters: what a model said must not move the terminal's cursor. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "\ufffd").trim();
}

interface Terminal {
  process?: { env?: Record<string, string | undefined>; stdout?: { isTTY?: boolean } };
}

/** https://no-color.org and https://force-color.org: any text but the empty one counts. */
function wantsColors(): boolean {
  const { process } = globalThis as Terminal;
  try {
    if (process?.env?.["NO_COLOR"]) return false;
    const forced = process?.env?.["FORCE_COLOR"];
    if (forced) return forced !== "0";
  } catch {
    // Deno asks before it shows the environment, and may have been told no.
  }
  return process?.stdout?.isTTY === true;
}
