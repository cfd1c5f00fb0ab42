/**
 * Decorators of methods in their two forms, which differ in their arguments: the standard one (TypeScript 5, Babel's
 * "2023-11") gets the method and a context, the legacy one (`experimentalDecorators` of TypeScript and esbuild,
 * `legacy` of Babel and SWC) gets the class or its prototype, the name and the property descriptor.
 */

import { invalid } from "../util/errors.js";

type AnyFunction = (...args: never[]) => unknown;

/** Whether the second argument of a call is one that only decorators get: a name, or the context. */
export function isDecoratorCall(second: unknown): boolean {
  return typeof second === "string" || typeof second === "symbol" || isContext(second);
}

/**
 * The result of a decorator that replaces a method by `replace(method, name)`.
 *
 * @throws MlflowAg2Error `invalid_argument` for anything but a method: the class would not be what its source says.
 */
export function decorate(replace: (method: AnyFunction, name: string) => unknown, args: readonly unknown[]): unknown {
  const [target, second, descriptor] = args;
  if (isContext(second)) {
    if (second.kind !== "method") throw wrongTarget(second.kind);
    return replace(target as AnyFunction, String(second.name));
  }
  if (typeof second === "string" || typeof second === "symbol") {
    const property = Object(descriptor) as PropertyDescriptor;
    if (typeof property.value !== "function")
      throw wrongTarget(property.get !== undefined || property.set !== undefined ? "accessor" : "field");
    property.value = replace(property.value as AnyFunction, String(second));
    return property;
  }
  if (typeof target !== "function" || isClass(target)) throw wrongTarget("class");
  return replace(target as AnyFunction, target.name);
}

function isContext(value: unknown): value is ClassMethodDecoratorContext | { readonly kind: string; name: string } {
  return typeof (value as ClassMethodDecoratorContext | null | undefined)?.addInitializer === "function";
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function wrongTarget(kind: string): Error {
  return invalid(
    `\`trace\` decorates methods, not a \`${kind}\`: decorate a method, or wrap a function by \`trace(fn)\``,
  );
}
