/** A call of a hooked method, and the operation that it started. */

import type { ThirdPartyScope } from "./third-party-scope.js";
import type { Kind, MethodMeaning } from "./method-meaning.js";
import type { AnyFunction } from "../patch.js";

/** What is known of a hooked method beyond its name. */
export interface HookOptions {
  /** The kind of object that has the method. */
  readonly kind?: Kind | undefined;
  /** The object that has the method, for calls without `this`. */
  readonly owner?: object;
  /** The tool's name. */
  readonly name?: string | undefined;
  /** The tool's description. */
  readonly description?: string | undefined;
  /** The model that is called, for requests that do not name it. */
  readonly model?: string | undefined;
  /** Whether calls are reported only within a traced operation: for objects that were discovered, not given. */
  readonly isNestedOnly?: boolean;
  /** The only objects whose calls are reported. Default: all. */
  readonly restrictedTo?: WeakSet<object>;
  /** Called with the objects of a call, to hook them and what they hold. */
  readonly visit?: (value: object) => void;
  /**
   * Called with an object whose operation starts, to notice what is assigned to it meanwhile; returns what is to be
   * called at the end.
   */
  readonly watch?: (value: object) => (() => void) | undefined;
  /** Called before tools are registered with an object; returns the arguments to call the method with. */
  readonly withHookedTools?: (value: object, args: readonly unknown[]) => readonly unknown[];
}

/** One call. */
export interface Call {
  /** The method itself, unhooked. */
  readonly fn: AnyFunction;
  /** What the method was called on. */
  readonly self: unknown;
  readonly args: readonly unknown[];
  readonly meaning: MethodMeaning;
  readonly options: HookOptions;
  /** Whether the call is reported only within a traced operation. */
  readonly isNestedOnly: boolean;
}

/** An operation that a call has started. */
export interface StartedOperation {
  /** The scope in which the call runs. */
  readonly scope: ThirdPartyScope;
  /**
   * Ends the operation with the result of the call; a sequence of values has been assembled, and `usage` has the token
   * counts of all of them. Missing if the call did not start the scope.
   */
  end?(result: unknown, usage?: unknown): void;
}
