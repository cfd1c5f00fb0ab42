/** Inputs and arguments as a table: keys and values. */

import { element } from "./dom.js";
import { formatValue, isFields } from "./format.js";

/** Longer JSON needs the indentation that a table has no place for. */
const MAX_CELL_CHARS = 80;

/** A table of an object's values, if they are plain or short lists; `undefined` for others, which JSON shows better. */
export function tableOf(value: unknown, label: string): HTMLElement | undefined {
  if (!isFields(value)) return undefined;
  const entries = Object.entries(value).map(([key, inner]) => {
    const isNested = typeof inner === "object" && inner !== null;
    const text = formatValue(inner, isNested ? 0 : 2);
    return { key, text, isLong: isNested && text.length > MAX_CELL_CHARS };
  });
  if (entries.length === 0 || entries.some(({ isLong }) => isLong)) return undefined;
  const rows = entries.map(({ key, text }) =>
    element("tr", {}, element("th", { scope: "row" }, key), element("td", {}, text)),
  );
  return element("table", { "aria-label": label }, element("tbody", {}, ...rows));
}
