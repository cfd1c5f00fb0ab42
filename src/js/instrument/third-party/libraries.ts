/**
 * The libraries whose agents are traced: those that `autolog({ library })` was given, and those that
 * have announced themselves.
 */

import { invalid } from "../../util/errors.js";
import { guard } from "../../util/guard.js";
import { warnOnce } from "../../util/warn.js";
import { isFields } from "../fields.js";
import { Hooks } from "./hooks.js";
import { announcesItself, hookLibrary } from "./search.js";
import { inFront, type Undo } from "../patch.js";

/**
 * The key on `globalThis` under which libraries announce themselves: a `Set` or an array of modules.
 * A library need not import anything for it:
 *
 *     (globalThis[Symbol.for("mlflow-ag2.libraries")] ??= new Set()).add({ Agent, GroupChat });
 */
const LIBRARIES: unique symbol = Symbol.for("mlflow-ag2.libraries") as never;

type Announced = Set<object> | object[];
type Shared = { [LIBRARIES]?: Announced };

const given = new Set<object>();
let hooks: Hooks | undefined;
let listening: Undo | undefined;
/** What has been looked through since the hooks were put. */
let done = new WeakSet<object>();

/**
 * For libraries: makes the agents of `module` known to `autolog()`, whether that has been called
 * already or not. A library that does not want to import this package puts its module into the set
 * `globalThis[Symbol.for("mlflow-ag2.libraries")]` instead, which comes to the same.
 *
 * @param module what the library exports: its module object, or an object with its classes.
 * @throws MlflowAg2Error `invalid_argument` if it is no object.
 * @example
 * class Helper {
 *   generateReply(): string {
 *     return "Hello.";
 *   }
 * }
 * announceLibrary({ Helper });
 */
export function announceLibrary(module: object): void {
  const announced = ((globalThis as Shared)[LIBRARIES] ??= new Set());
  const library = checkedLibrary(module);
  if (Array.isArray(announced)) announced.push(library);
  else announced.add(library);
  // If nobody listens to that collection yet, this is how it becomes known.
  if (hooks !== undefined) take(library);
}

/** Notes the libraries that `autolog()` was given. */
export function addLibraries(libraries: readonly unknown[]): void {
  for (const library of libraries) given.add(checkedLibrary(library));
}

/** Puts the hooks of all known libraries, or takes them away. Doing it twice does no harm. */
export function switchLibraries(on: boolean): void {
  if (!on) {
    hooks?.undo();
    listening?.();
    hooks = listening = undefined;
    done = new WeakSet();
    return;
  }
  hooks ??= new Hooks(true);
  for (const library of given) take(library, true);
  const announced = ((globalThis as Shared)[LIBRARIES] ??= new Set());
  for (const library of announced) take(library);
  listening ??= listenTo(announced);
}

function take(library: unknown, isGiven = false): void {
  guard(() => {
    if (hooks === undefined || !isLibrary(library) || done.has(library)) return;
    done.add(library);
    if (hookLibrary(library, hooks) || !isGiven || announcesItself(library)) return;
    warnOnce(
      "library_not_hooked",
      "the library given to autolog exports nothing that can be hooked, as functions of an ES module cannot: call wrapAgent on the agents they make, wrapTool on tools and wrapModelClient on model clients",
    );
  });
}

/** A library that announces itself later is hooked when it does. */
function listenTo(announced: Announced): Undo | undefined {
  const key = Array.isArray(announced) ? "push" : "add";
  return inFront(
    announced,
    key,
    (original) =>
      function (this: unknown, ...libraries: never[]) {
        for (const library of libraries) take(library);
        return Reflect.apply(original, this, libraries);
      },
  );
}

function isLibrary(value: unknown): value is object {
  return isFields(value) || typeof value === "function";
}

function checkedLibrary(library: unknown): object {
  if (isLibrary(library)) return library;
  throw invalid(`a library is the object that \`import * as library\` gives, or a class, not \`${String(library)}\``);
}
