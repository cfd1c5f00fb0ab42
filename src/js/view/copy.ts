/** Buttons that copy a text, and say whether that worked. */

import { element, setText } from "./dom.js";

const SHOWN_MS = 2000;

/** Says something to users of screen readers. */
export type Announce = (message: string) => void;

/** A button that copies what `text` gives; `what` is the noun in its label, such as "span id". */
export function copyButton(what: string, text: () => string, announce: Announce): HTMLElement {
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${what}` }, "Copy");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const report = (outcome: string, message: string): void => {
    setText(button, outcome);
    announce(message);
    clearTimeout(timer);
    timer = setTimeout(() => setText(button, "Copy"), SHOWN_MS);
  };
  button.addEventListener("click", () => {
    copy(text()).then(
      () => report("Copied", `Copied ${what}`),
      () => report("Not copied", `${what} not copied: the browser denies this page the clipboard`),
    );
  });
  return button;
}

/** Rejects where the page may not use the clipboard: it is not secure, or the browser or the person denies it. */
async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
