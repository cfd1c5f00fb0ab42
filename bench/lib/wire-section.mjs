/** The part of RESULTS.md that `cargo xtask bench wire` writes; the rest is written by `cargo xtask bench`. */

const HEADING = "## On the wire";

/** The part in a text of results; empty if there is none. */
export function wireIn(text) {
  const at = text.indexOf(`${HEADING}\n`);
  if (at < 0) return "";
  const next = text.indexOf("\n## ", at + HEADING.length);
  return text.slice(at + HEADING.length, next < 0 ? undefined : next).trim();
}

/** The results with this part in place of the one that they had; it is the last. */
export function withWire(text, part) {
  const had = wireIn(text);
  const rest = had === "" ? text : text.replace(`${HEADING}\n\n${had}`, "");
  return part === "" ? text : `${rest.trimEnd()}\n\n${HEADING}\n\n${part}\n`;
}
