/**
 * Validators of any library (zod, valibot, arktype, …), through what they have in common: the
 * interface of standardschema.dev and, for those that have it, its JSON Schema half. The interface is
 * made to be repeated like this, so that nobody depends on it.
 */

/** A validator: what `~standard` holds is the same in all libraries that follow the standard. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** All that the standard asks for; the odd name keeps it apart from a library's own. */
  readonly "~standard": {
    /** Of the standard. */
    readonly version: 1;
    /** The library's name. */
    readonly vendor: string;
    /** Checks a value, and says what it becomes or what is wrong with it. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** Describes the values it takes; throws for what JSON Schema cannot say. */
    readonly jsonSchema?:
      | {
          /** The values before they are checked, as JSON Schema of the version `target`, such as "draft-2020-12" or "draft-07". */
          readonly input: (options: { readonly target: string }) => Record<string, unknown>;
        }
      | undefined;
    /** For the compiler only. */
    readonly types?:
      | {
          /** What may be given. */
          readonly input: Input;
          /** What comes out. */
          readonly output: Output;
        }
      | undefined;
  };
}

/** What a validator says of a value. */
export type StandardResult<Output> =
  | {
      /** What the given value becomes: with defaults, converted, without unknown keys, … */
      readonly value: Output;
      /** There are none. */
      readonly issues?: undefined;
    }
  | {
      /** Everything that is wrong; at least one. */
      readonly issues: readonly StandardIssue[];
    };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** For people, and for the model that sent the value. */
  readonly message: string;
  /** Where, from the outside in. */
  readonly path?: readonly (
    | PropertyKey
    | {
        /** Of an object's property, or the place in a list. */
        readonly key: PropertyKey;
      }
  )[] | undefined;
}

/** What comes out of a validator. */
export type StandardOutput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

/** Whether `value` is a validator. Those of some libraries are functions. */
export function isStandardSchema(value: object): value is StandardSchema {
  return typeof (value as Partial<StandardSchema>)["~standard"]?.validate === "function";
}
