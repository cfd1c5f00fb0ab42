/** The traces of this visit: a list, the one that is looked at, and its download. */

import { onTrace, type Trace } from "mlflow-ag2";
import type { MlflowTraceElement } from "mlflow-ag2/view";
import { find } from "./page.js";

/** More than these are forgotten, oldest first. */
const KEPT = 30;

interface Shown {
  trace: Trace;
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly details: HTMLElement;
}

const view = find("view", HTMLElement) as MlflowTraceElement;
const list = find("trace-list", HTMLOListElement);
const shown = new Map<string, Shown>();
let currentId: string | undefined;
let isFollowing = true;
let title = "";
const watchers = new Set<(trace: Trace) => void>();

/** Begins to listen. */
export function showTraces(): void {
  onTrace(grown);
  find("expand", HTMLButtonElement).addEventListener("click", () => view.expandAll());
  find("collapse", HTMLButtonElement).addEventListener("click", () => view.collapseAll());
  find("export", HTMLButtonElement).addEventListener("click", download);
}

/** Traces that begin from now on are of this conversation; the first of them is looked at. */
export function expectTraces(ofTitle: string): void {
  title = ofTitle;
  isFollowing = true;
}

/** The trace that is looked at. */
export function currentTrace(): Trace | undefined {
  return currentId === undefined ? undefined : shown.get(currentId)?.trace;
}

/** Calls `watcher` with the trace that is looked at, whenever that is another one or has changed. */
export function whenCurrentChanges(watcher: (trace: Trace) => void): void {
  watchers.add(watcher);
}

function grown(trace: Trace): void {
  const { traceId } = trace.info;
  const known = shown.get(traceId) ?? add(trace);
  known.trace = trace;
  known.details.textContent = summaryOf(trace);
  if (traceId === currentId) look(traceId);
}

function add(trace: Trace): Shown {
  const { traceId } = trace.info;
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  const name = document.createElement("b");
  name.textContent = title;
  const details = document.createElement("small");
  button.append(name, details);
  button.addEventListener("click", () => look(traceId));
  item.append(button);
  list.prepend(item);
  list.hidden = false;
  find("trace-buttons", HTMLElement).hidden = false;
  const made = { trace, item, button, details };
  shown.set(traceId, made);
  forgetOldest();
  if (isFollowing) {
    isFollowing = false;
    look(traceId);
  }
  return made;
}

function look(traceId: string): void {
  const chosen = shown.get(traceId);
  if (chosen === undefined) return;
  currentId = traceId;
  for (const [id, { button }] of shown) button.setAttribute("aria-current", String(id === traceId));
  view.trace = chosen.trace;
  for (const watcher of watchers) watcher(chosen.trace);
}

function forgetOldest(): void {
  for (const [traceId, { item }] of shown) {
    if (shown.size <= KEPT) return;
    if (traceId === currentId) continue;
    item.remove();
    shown.delete(traceId);
  }
}

function summaryOf({ info, data: { spans } }: Trace): string {
  const states: Readonly<Record<string, string>> = { OK: "done", ERROR: "failed", IN_PROGRESS: "running" };
  const inputs = spans[0]?.inputs as { recipient?: unknown } | undefined;
  const details = [
    inputs?.recipient,
    `${spans.length} ${spans.length === 1 ? "span" : "spans"}`,
    states[info.state] ?? info.state,
  ];
  return details.filter((detail) => detail !== undefined).join(" · ");
}

/** The trace as the public classes have it; nanoseconds, which JSON's numbers cannot hold, as text. */
function download(): void {
  const trace = currentTrace();
  if (trace === undefined) return;
  const json = JSON.stringify(trace, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value), 2);
  const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${trace.info.traceId}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
