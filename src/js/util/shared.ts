/**
 * State that all copies of this package in one realm share, whatever their versions: a hot reload evaluates a
 * bundle again, micro frontends bring a copy each. So the shapes behind these names never change.
 */

/** The object behind `name` on `globalThis`, made by the first copy that asks. */
export function shared<T extends object>(name: string, make: () => T): T {
  const key = Symbol.for(`mlflow-ag2.${name}`);
  const global = globalThis as unknown as Record<symbol, T | undefined>;
  try {
    return (global[key] ??= make());
  } catch {
    // A frozen global object: each copy is alone.
    return make();
  }
}
