/** Light, dark, or as the system has it. Kept for this visit only: the page stores nothing. */

import { find } from "./page.js";

/** Makes the choice work. */
export function offerThemes(): void {
  const select = find("theme", HTMLSelectElement);
  const apply = (): void => {
    document.documentElement.dataset["theme"] = select.value;
  };
  select.addEventListener("change", apply);
  apply();
}
