/** Tools: functions that a model may call and an agent may run (AG2: tools/tool.py, `Tool`). */

import { AgentError } from "../util/errors.js";
import type { CallContext } from "../types.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { argumentsFor } from "./argument-style.js";
import { checkParameters, NO_PARAMETERS, schemaFor, type ToJsonSchema, type ToolParameters } from "../schema/schema.js";

/**
 * The context that tools receive.
 *
 * @example
 * const accounts = new Map([["Ada", 12]]);
 * const balance = (_: object, { contextVariables, dependencies }: ToolContext): number => {
 *   const { accounts: known } = dependencies as { accounts: typeof accounts };
 *   return known.get(String(contextVariables["owner"])) ?? 0;
 * };
 * const clerk = new ConversableAgent({ name: "clerk", functionMap: { balance }, contextVariables: { owner: "Ada" } });
 * await clerk.initiateChat(assistant, { message: "What is left?", dependencies: { accounts } });
 */
export interface ToolContext extends CallContext {
  /** The variables of the agent that runs the tool: its option `contextVariables` itself, not a copy. */
  readonly contextVariables: Record<string, unknown>;
  /** The `dependencies` of the chat, and of the chats around it. */
  readonly dependencies: Readonly<Record<string, unknown>>;
}

/** The function of a tool. It gets all arguments in one object, and the context of the call. */
export type ToolFunction<Arguments = Record<string, unknown>> = (args: Arguments, context: ToolContext) => unknown;

/** The name and the description of a tool. */
export interface ToolOptions<Parameters extends ToolParameters = ToolParameters> {
  /** The name: up to 64 letters, digits, `_` and `-`. Not given: the function's own name. */
  name?: string | undefined;
  /** The description for the model. */
  description?: string | undefined;
  /**
   * The parameters: the JSON Schema of an object, or a validator (zod, valibot, …), which also checks the arguments.
   */
  parameters?: Parameters | undefined;
  /** Makes the JSON Schema of a validator that cannot itself, e.g. `toJsonSchema` of `@valibot/to-json-schema`. */
  toJsonSchema?: ToJsonSchema | undefined;
}

/** The rules of the options. */
export const TOOL_OPTIONS: OptionRules<ToolOptions> = {
  name: "text",
  description: "text",
  parameters: "any",
  toJsonSchema: "function",
};

/**
 * A function with a name and, if given, a description and parameters.
 *
 * @example
 * const weather = new Tool(async ({ city }: { city: string }) => `Sun in ${city}.`, {
 *   name: "weather",
 *   description: "Tells the weather of a city.",
 *   parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
 * });
 * assistant.registerForLlm()(weather);
 * user.registerForExecution()(weather);
 */
export class Tool<Arguments = never> {
  /** The name by which the model calls it: up to 64 letters, digits, `_` and `-`. */
  readonly name: string;
  /** The function that runs when a model calls the tool. */
  readonly fn: ToolFunction<Arguments>;
  readonly #own: ToolOptions;

  /** @throws AgentError if the name is missing or invalid */
  constructor(fn: ToolFunction<Arguments> | Tool<Arguments>, options: ToolOptions = {}) {
    checkOptions("Tool", options, TOOL_OPTIONS);
    const base = fn instanceof Tool ? fn : undefined;
    this.fn = base?.fn ?? (fn as ToolFunction<Arguments>);
    if (typeof this.fn !== "function") throw new AgentError("invalid_option", "a tool needs a function: give it first");
    this.name = validName(options.name ?? base?.name ?? this.fn.name);
    this.#own = {
      description: options.description ?? base?.description,
      parameters: options.parameters ?? base?.parameters,
      toJsonSchema: options.toJsonSchema ?? base?.toJsonSchema,
    };
  }

  /** The description, if this or an earlier registration of the function has one. */
  get description(): string | undefined {
    return this.#find("description");
  }

  /** The parameters, if this or an earlier registration of the function has them. */
  get parameters(): ToolParameters | undefined {
    return this.#find("parameters");
  }

  /** The function that makes the JSON Schema of the parameters, if given. */
  get toJsonSchema(): ToJsonSchema | undefined {
    return this.#find("toJsonSchema");
  }

  #find<Key extends keyof ToolOptions>(key: Key): ToolOptions[Key] {
    return this.#own[key] ?? descriptions.get(this.fn)?.get(this.name)?.[key];
  }
}

/**
 * The descriptions of functions that are registered with a model, by function and tool name. An agent
 * that runs a tool usually gets the function alone, and finds its description and defaults here.
 * (In Python they are attributes of the function.)
 */
const descriptions = new WeakMap<object, Map<string, ToolOptions>>();

/**
 * A function in the format of the API's old `functions` (AG2: tools/function_utils.py, `get_function_schema`, with
 * its order of keys). The description is also stored for the agent that runs the tool.
 *
 * @throws AgentError if the function takes arguments and has no parameters, or has other parameters than the tool
 */
export function functionSchema(tool: Tool): Record<string, unknown> {
  const { name, fn, description = "", toJsonSchema } = tool;
  const parameters = tool.parameters ?? (fn.length === 0 ? NO_PARAMETERS : undefined);
  if (parameters === undefined) {
    throw new AgentError(
      "invalid_option",
      `tool \`${name}\` has no \`parameters\`: give their JSON Schema, or a validator`,
    );
  }
  checkParameters(`tool \`${name}\``, parameters);
  const schema = schemaFor(`tool \`${name}\``, parameters, toJsonSchema);
  const byName = descriptions.get(fn) ?? new Map<string, ToolOptions>();
  descriptions.set(fn, byName.set(name, { description, parameters, toJsonSchema }));
  argumentsOf(tool, {});
  return { description, name, parameters: schema };
}

/**
 * The arguments for a call of the tool's function.
 *
 * @throws AgentError for a function that has other parameters than the tool
 */
export function argumentsOf(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  context?: ToolContext,
): [never, ToolContext] {
  const { name, parameters, toJsonSchema } = tool;
  const keysOf = (): string[] => {
    let properties: unknown;
    try {
      properties = parameters && schemaFor(`tool \`${name}\``, parameters, toJsonSchema)["properties"];
    } catch {
      // A validator without JSON Schema, of a tool that no model knows.
    }
    return Object.keys(properties ?? args);
  };
  return argumentsFor(tool, keysOf, args, context) as [never, ToolContext];
}

/**
 * Returns the name if the API accepts it (AG2: `ConversableAgent._assert_valid_name`).
 *
 * @throws AgentError if it does not
 */
export function validName(name: string): string {
  if (name !== "" && name === normalizeName(name)) return name;
  throw new AgentError(
    "invalid_name",
    `\`${name}\` is no tool name: give a \`name\` of up to 64 letters, digits, \`_\` and \`-\``,
  );
}

/** Converts a name that a model wrote to one that the API accepts (AG2: `ConversableAgent._normalize_name`). */
export function normalizeName(name: string): string {
  return name.replace(/[^\w-]/g, "_").slice(0, 64);
}
