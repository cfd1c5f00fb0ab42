/**
 * The part of `node:test` that the behaviour tests use, for pages: a page's import map replaces it by this file.
 * Cases run in sequence, in the order of their declaration.
 */

/** The report of a case. */
export interface CaseReport {
  name: string;
  /** The error, with the stack; not given: the case has succeeded. */
  failure?: string;
}

type Work = (context: { mock: Mock }) => unknown;

const cases: { name: string; work: Work }[] = [];
const afterEachCase: (() => unknown)[] = [];
const afterAll: (() => unknown)[] = [];

export const test = (name: string, work: Work): void => void cases.push({ name, work });
export const afterEach = (work: () => unknown): void => void afterEachCase.push(work);
export const after = (work: () => unknown): void => void afterAll.push(work);

/** The names of the cases declared since the last call. */
export function takeNames(): string[] {
  return cases.splice(0).map(({ name }) => name);
}

/** Runs the declared cases. As in Node, any uncaught error in the page fails the case that is running. */
export async function runCases(report: (report: CaseReport) => unknown): Promise<void> {
  let failures: unknown[] = [];
  addEventListener("error", ({ error, message }) => failures.push(error ?? message));
  addEventListener("unhandledrejection", ({ reason }) => failures.push(reason));
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  const last = cases.length - 1;
  for (const [index, { name, work }] of cases.entries()) {
    const mocks = new Mock();
    await attempt(() => work({ mock: mocks }));
    mocks.restoreAll();
    for (const each of afterEachCase) await attempt(each);
    // The browser reports unhandled rejections in a separate task.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (index === last) for (const each of afterAll) await attempt(each);
    const failure = failures.map(textOf).join("\n");
    failures = [];
    await report({ name, ...(failure !== "" && { failure }) });
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  // Stacks begin with the error in Chromium only.
  return error.stack?.includes(error.message) ? error.stack : `${String(error)}\n${error.stack ?? ""}`;
}

type Method = (...values: unknown[]) => unknown;

/** Methods that are replaced temporarily, and record their calls. */
class Mock {
  readonly #restores: (() => void)[] = [];

  method(owner: object, name: string, replacement?: Method) {
    const methods = owner as Record<string, Method>;
    const original = methods[name];
    if (original === undefined) throw new TypeError(`there is no method \`${name}\``);
    const calls: { arguments: unknown[] }[] = [];
    const restore = (): void => void (methods[name] = original);
    const spy = function (this: unknown, ...values: unknown[]): unknown {
      calls.push({ arguments: values });
      return (replacement ?? original).apply(this, values);
    };
    methods[name] = spy;
    this.#restores.push(restore);
    return Object.assign(spy, { mock: { calls, callCount: () => calls.length, restore } });
  }

  restoreAll(): void {
    for (const restore of this.#restores.splice(0).reverse()) restore();
  }
}

export const mock = new Mock();
