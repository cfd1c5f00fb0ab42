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

// Hosts without elements must be able to import the elements, because servers render pages too.
/** The class that elements extend. */
export const ElementBase: typeof HTMLElement =
  typeof HTMLElement === "undefined" ? (class {} as unknown as typeof HTMLElement) : HTMLElement;

/**
 * Sets properties again that were set before the element was defined: they are on the object and hide the accessors.
 */
export function upgradeProperties<Names extends string>(target: Record<Names, unknown>, ...names: Names[]): void {
  for (const name of names) {
    if (!Object.hasOwn(target, name)) continue;
    const value = target[name];
    Reflect.deleteProperty(target, name);
    target[name] = value;
  }
}

let sheet: CSSStyleSheet | undefined;

/** Makes the shadow tree of an element, with the styles that all elements share. */
export function styledRoot(host: HTMLElement, styles: string): ShadowRoot {
  const root = host.attachShadow({ mode: "open" });
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  root.adoptedStyleSheets = [sheet];
  return root;
}
