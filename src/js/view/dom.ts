/** Functions that create and change elements. Data is set as text only, so a model's text is never parsed as HTML. */

/** Attributes by name; `undefined` and `false` omit one. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Creates an element with attributes and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string | undefined)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Sets or removes attributes. Unchanged ones are not set again, because the page may observe mutations. */
export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) target.removeAttribute(name);
    else if (target.getAttribute(name) !== String(value)) target.setAttribute(name, String(value));
  }
}

/** Sets the text of an element, if it has changed. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
