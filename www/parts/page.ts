/** The page's own elements, by their ids, and the outcomes that they show. */

/** The element with that id. @throws Error if the page has none of that class */
export function find<Kind extends Element>(id: string, kind: { new (): Kind; readonly name: string }): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with the id \`${id}\``);
  return found;
}

/** What became of something. */
export interface Outcome {
  readonly state: "good" | "bad" | "busy";
  readonly text: string;
  /** What to type somewhere, if that helps. */
  readonly command?: string;
}

/** Shows `outcome` in a box; `undefined` empties it. */
export function showOutcome(box: HTMLElement, outcome: Outcome | undefined): void {
  box.replaceChildren();
  if (outcome === undefined) return;
  box.dataset["state"] = outcome.state;
  box.append(outcome.text);
  if (outcome.command !== undefined) {
    const code = document.createElement("code");
    code.textContent = outcome.command;
    box.append(code);
  }
}

/** The message of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
