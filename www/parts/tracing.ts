/** The switch of `autolog`, and what `stats()` counts. */

import * as mlflow from "mlflow-ag2";
import { find } from "./page.js";

const REFRESH_MS = 300;
const box = find("autolog", HTMLInputElement);
const text = find("autolog-text", HTMLElement);
const list = find("stats", HTMLElement);
const values = new Map<string, HTMLElement>();

/** Switches tracing on, and makes the switch and the counts work. */
export function showTracing(): void {
  const apply = (): void => {
    mlflow.autolog({ disable: !box.checked });
    text.textContent = box.checked ? "autolog is on" : "autolog is off: conversations run untraced";
    refreshStats();
  };
  box.addEventListener("change", apply);
  apply();
  setInterval(refreshStats, REFRESH_MS);
}

/** Shows the counts as they are now. */
export function refreshStats(): void {
  const { started, open, buffered, delivered, inMemory, dropped, traces, requests, unavailable } = mlflow.stats();
  const counts = {
    started,
    open,
    buffered,
    delivered,
    "in memory": inMemory,
    dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    "traces ended": traces,
    requests,
  };
  for (const [name, count] of Object.entries(counts)) {
    const shown = unavailable === undefined ? String(count) : "—";
    const value = values.get(name) ?? addCount(name);
    if (value.textContent !== shown) value.textContent = shown;
  }
}

function addCount(name: string): HTMLElement {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = name;
  const value = document.createElement("dd");
  row.append(term, value);
  list.append(row);
  values.set(name, value);
  return value;
}
