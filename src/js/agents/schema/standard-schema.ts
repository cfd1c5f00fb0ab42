/**
 * The interface of validators that follow Standard Schema (zod, valibot, arktype, …; standardschema.dev),
 * with its JSON Schema part, which some libraries have. The standard intends that libraries copy the
 * interface instead of depending on it.
 */

/** A validator that follows Standard Schema. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The properties of the standard. */
  readonly "~standard": {
    /** The version of the standard. */
    readonly version: 1;
    /** The name of the library. */
    readonly vendor: string;
    /** Validates a value. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** Makes a JSON Schema; throws if JSON Schema cannot describe the values. */
    readonly jsonSchema?:
      | {
          /** Makes the JSON Schema of the input, of the version `target`, such as "draft-2020-12" or "draft-07". */
          readonly input: (options: { readonly target: string }) => Record<string, unknown>;
        }
      | undefined;
    /** The types, for the compiler only. */
    readonly types?:
      | {
          /** The type of the input. */
          readonly input: Input;
          /** The type of the output. */
          readonly output: Output;
        }
      | undefined;
  };
}

/** The result of a validation. */
export type StandardResult<Output> =
  | {
      /** The output: the value with defaults, converted, without unknown keys, … */
      readonly value: Output;
      /** No issues. */
      readonly issues?: undefined;
    }
  | {
      /** The issues; at least one. */
      readonly issues: readonly StandardIssue[];
    };

/** One issue of a value. */
export interface StandardIssue {
  /** The message, for people and for the model that sent the value. */
  readonly message: string;
  /** The path to the issue, from the outermost value. */
  readonly path?:
    | readonly (
        | PropertyKey
        | {
            /** The key of a property, or the index in a list. */
            readonly key: PropertyKey;
          }
      )[]
    | undefined;
}

/** The output type of a validator. */
export type StandardOutput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

/** Whether `value` is a validator; those of some libraries are functions. */
export function isStandardSchema(value: object): value is StandardSchema {
  return typeof (value as Partial<StandardSchema>)["~standard"]?.validate === "function";
}
