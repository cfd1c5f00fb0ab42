/** Medians and how numbers are shown. */

/** The median; NaN of nothing. */
export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A number in so many digits that count; a dash for none. */
export function show(number, digits = 3) {
  if (!Number.isFinite(number)) return "–";
  if (Math.abs(number) >= 10 ** digits) return Math.round(number).toLocaleString("en-US");
  return String(Number(number.toPrecision(digits)));
}

/** A table of Markdown; the first row is its head, all but the first column are numbers. */
export function table(rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const [head, ...body] = rows;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...body.map(line)].join("\n");
}
