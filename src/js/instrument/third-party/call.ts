/** A call of another library's method, and what became of it, as the files that read such calls see them. */

import type { ForeignScope } from "./report.js";
import type { Kind, Meaning } from "./words.js";
import type { AnyFunction } from "../patch.js";

/** What whoever hooked a method knows beyond what can be seen. */
export interface HookOptions {
  /** What the method belongs to. */
  readonly kind?: Kind | undefined;
  /** Whose the method is, where it is called without its object. */
  readonly owner?: object;
  /** The tool's name. */
  readonly name?: string | undefined;
  /** What the tool says about itself. */
  readonly description?: string | undefined;
  /** The model that is asked, where requests do not say it. */
  readonly model?: string | undefined;
  /** Of what was found rather than given: its calls count only as part of something that is traced already. */
  readonly isOnlyInside?: boolean;
  /** The only objects that the hook is for; not given: all. */
  readonly only?: WeakSet<object>;
  /** Is told of every object that a call brings to light. */
  readonly meet?: (value: object) => void;
  /** Is asked what is to be registered instead of what is given, when an object is about to get a new tool. */
  readonly meetAgain?: (value: object, given: readonly unknown[]) => readonly unknown[];
}

/** One call. */
export interface Call {
  /** The method itself, unhooked. */
  readonly fn: AnyFunction;
  /** What the method was called on. */
  readonly self: unknown;
  readonly given: readonly unknown[];
  readonly meaning: Meaning;
  readonly options: HookOptions;
  /** Whether the call counts only as part of something that is traced already. */
  readonly isOnlyInside: boolean;
}

/** What a call has begun. */
export interface Begun {
  /** What the call is part of. */
  readonly scope: ForeignScope;
  /** It has given this; several values one after the other have been put together. Not given: the call is not what began the scope. */
  end?(result: unknown): void;
}
