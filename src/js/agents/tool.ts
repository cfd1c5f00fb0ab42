/** Tools: functions that a model may ask for and an agent may run (AG2: tools/tool.py, `Tool`). */

import { AgentError } from "./errors.js";
import type { CallContext } from "./scope.js";
import { type JsonSchema, NO_PARAMETERS, schemaFor, type ToJsonSchema, type ToolParameters } from "./tool-parameters.js";

/** A function behind a tool. It gets all arguments in one object, and the context of the call to hand on. */
export type ToolFunction<Arguments = Record<string, unknown>> = (args: Arguments, context: CallContext) => unknown;

/** What names and describes a tool. */
export interface ToolOptions<Parameters extends ToolParameters = ToolParameters> {
  /** Not given: the function's own name. Letters, digits, `_` and `-`, up to 64. */
  name?: string | undefined;
  /** What the tool does, for the model. */
  description?: string | undefined;
  /** Its parameters: the JSON Schema of an object, or a validator (zod, valibot, …), which then checks what the model sends. */
  parameters?: Parameters | undefined;
  /** Makes the JSON Schema of a validator that does not know its own, e.g. `toJsonSchema` of `@valibot/to-json-schema`. */
  toJsonSchema?: ToJsonSchema | undefined;
}

/**
 * A function with a name and, as far as known, a description and parameters.
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
  /** By which the model asks for it; up to 64 letters, digits, `_` and `-`. */
  readonly name: string;
  /** What runs when a model asks for the tool. */
  readonly fn: ToolFunction<Arguments>;
  readonly #own: ToolOptions;

  /** @throws AgentError when the name is missing or not allowed */
  constructor(fn: ToolFunction<Arguments> | Tool<Arguments>, options: ToolOptions = {}) {
    const base = fn instanceof Tool ? fn : undefined;
    this.fn = base?.fn ?? (fn as ToolFunction<Arguments>);
    this.name = validName(options.name ?? base?.name ?? this.fn.name);
    this.#own = {
      description: options.description ?? base?.description,
      parameters: options.parameters ?? base?.parameters,
      toJsonSchema: options.toJsonSchema ?? base?.toJsonSchema,
    };
  }

  /** What the tool does, if this or an earlier registration of the function said so. */
  get description(): string | undefined {
    return this.#own.description ?? described(this)?.description;
  }

  /** The tool's parameters, if this or an earlier registration of the function said so. */
  get parameters(): ToolParameters | undefined {
    return this.#own.parameters ?? described(this)?.parameters;
  }

  /** What makes the JSON Schema of the parameters, if they need one made. */
  get toJsonSchema(): ToJsonSchema | undefined {
    return this.#own.toJsonSchema;
  }
}

/**
 * What is known of functions that are registered with a model, by function and tool name. The agent
 * that runs a tool is usually given the bare function; this tells it the description and the
 * defaults. (In Python they are on the function itself.)
 */
const descriptions = new WeakMap<object, Map<string, ToolOptions>>();

function described(tool: Tool<never>): ToolOptions | undefined {
  return descriptions.get(tool.fn)?.get(tool.name);
}

/**
 * Completes a tool for being told to a model, and remembers its description for whoever runs it.
 *
 * @throws AgentError when the function takes arguments and nothing says which
 */
export function describeTool(tool: Tool<never>): { name: string; description: string; parameters: JsonSchema } {
  const parameters = tool.parameters ?? (tool.fn.length === 0 ? NO_PARAMETERS : undefined);
  if (parameters === undefined) {
    throw new AgentError("invalid_option", `tool \`${tool.name}\` has no \`parameters\`: give their JSON Schema, or a validator`);
  }
  const description = tool.description ?? "";
  const byName = descriptions.get(tool.fn) ?? new Map<string, ToolOptions>();
  descriptions.set(tool.fn, byName.set(tool.name, { description, parameters }));
  return { name: tool.name, description, parameters: schemaFor(tool.name, parameters, tool.toJsonSchema) };
}

/** A function in the form of the API's old `functions` (AG2: tools/function_utils.py, `get_function_schema`; the order of the keys is AG2's). */
export function functionSchema(tool: Tool<never>): Record<string, unknown> {
  const { name, description, parameters } = describeTool(tool);
  return { description, name, parameters };
}

/** A tool in the form of the API's `tools`. */
export function toolSchema(tool: Tool<never>): Record<string, unknown> {
  return { type: "function", function: functionSchema(tool) };
}

/**
 * The name, if the API will take it (AG2: `ConversableAgent._assert_valid_name`).
 *
 * @throws AgentError if not
 */
export function validName(name: string): string {
  if (name !== "" && name === normalizeName(name)) return name;
  throw new AgentError("invalid_name", `\`${name}\` is no tool name: give a \`name\` of up to 64 letters, digits, \`_\` and \`-\``);
}

/** A name as a model wrote it, made acceptable to the API (AG2: `ConversableAgent._normalize_name`). */
export function normalizeName(name: string): string {
  return name.replace(/[^\w-]/g, "_").slice(0, 64);
}
