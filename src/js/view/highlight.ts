/** Marks a searched text where it is shown, in browsers with the CSS Custom Highlight API; elsewhere rows alone are. */

const NAME = "mlflow-trace-found";

/** Marks every occurrence of `words` (in lower case) below `root`; none for "". The highlight is one for all views. */
export function highlight(root: Node, words: string): void {
  // Firefox has it since version 140.
  const registry = (CSS as Partial<typeof CSS>).highlights;
  if (registry === undefined) return;
  registry.delete(NAME);
  if (words === "") return;
  const found = new Highlight();
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode() as Text | null; node !== null; node = texts.nextNode() as Text | null) {
    const text = node.data.toLowerCase();
    // Few letters have a lower case of another length, which would shift the places.
    if (text.length !== node.data.length) continue;
    for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      found.add(range);
    }
  }
  registry.set(NAME, found);
}
