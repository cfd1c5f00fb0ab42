/** Reads the tools and the structured output of a request, from which the formats of other APIs are made. */

import type { ModelRequest } from "../message/message.js";
import { AgentError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";

/** A function that the model may call. */
export interface FunctionTool {
  readonly name: string;
  readonly description: string | undefined;
  /** The JSON Schema of its arguments. */
  readonly parameters: Fields;
  readonly strict: boolean | undefined;
}

/** The tools of a request: functions, and those of the API itself, which are sent unchanged. */
export function readTools({ tools, functions }: Readonly<ModelRequest>): {
  functions: FunctionTool[];
  others: Fields[];
} {
  const found: { functions: FunctionTool[]; others: Fields[] } = { functions: [], others: [] };
  const given = [...(tools ?? []), ...((functions as readonly Fields[] | undefined) ?? [])];
  for (const tool of given as readonly Fields[]) {
    const described = isFields(tool["function"]) ? tool["function"] : tool;
    const { name, description, parameters, strict } = described;
    // A tool of the API itself has a type of its own.
    if (described === tool && tool["type"] !== undefined && tool["type"] !== "function") found.others.push(tool);
    else
      found.functions.push({
        name: String(name),
        description: description as string | undefined,
        parameters: isFields(parameters) ? parameters : { type: "object", properties: {} },
        strict: strict as boolean | undefined,
      });
  }
  return found;
}

/**
 * What `tool_choice` of a request says: "auto", "none", "required", a function's name, or a value of the API itself.
 */
export function readToolChoice(
  choice: unknown,
): { mode: "auto" | "none" | "required" } | { name: string } | { own: unknown } | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return { mode: choice };
  if (isFields(choice) && choice["type"] === "function") {
    const { name } = isFields(choice["function"]) ? choice["function"] : choice;
    if (typeof name === "string") return { name };
  }
  return { own: choice };
}

/** The structured output of a request: its JSON Schema and name, without a schema any JSON; `undefined` for none. */
export function readResponseFormat(
  format: unknown,
): { name: string; schema: Fields | undefined; strict: boolean } | undefined {
  if (!isFields(format) || format["type"] === "text") return undefined;
  const { json_schema: own } = format;
  const { schema, name, strict } = isFields(own) ? own : ({} as Fields);
  return {
    name: typeof name === "string" ? name : "response_format",
    schema: isFields(schema) ? schema : undefined,
    strict: strict === true,
  };
}

/** The parameters of a request beside those named, which are sent under their own names. */
export function otherParameters(request: Readonly<ModelRequest>, named: string): Fields {
  const known = new Set(`model messages tools functions tool_choice stream response_format ${named}`.split(" "));
  return Object.fromEntries(Object.entries(request).filter(([name, value]) => !known.has(name) && value != null));
}

/**
 * The request without its tools, where `hide_tools` says so: "if_all_run" or "if_any_run" (AG2: oai/client_utils.py,
 * `should_hide_tools`). The parameter itself is AG2's and never sent.
 *
 * @throws AgentError for another value
 */
export function withVisibleTools(request: Readonly<ModelRequest>): ModelRequest {
  const { hide_tools: hide = "never", ...rest } = request;
  const shown: ModelRequest = rest;
  const { functions } = readTools(request);
  if (hide === "never") return shown;
  const results = request.messages.filter(({ tool_call_id: id }) => id != null);
  const calls = request.messages.flatMap(({ tool_calls: made }) => made ?? []);
  const run = new Set(results.map(({ tool_call_id: id }) => calls.find((call) => call.id === id)?.function.name));
  let isHidden: boolean;
  if (hide === "if_any_run") isHidden = results.length > 0;
  else if (hide === "if_all_run") isHidden = functions.length > 0 && functions.every(({ name }) => run.has(name));
  else throw new AgentError("invalid_config", "`hide_tools` must be `if_all_run`, `if_any_run` or `never`");
  if (isHidden) for (const name of ["tools", "functions", "tool_choice"]) delete shown[name];
  return shown;
}

/** A parameter's name in the spelling of packages that have camelCase. */
export function camelCase(name: string): string {
  return name.replace(/_./g, ([, letter = ""]) => letter.toUpperCase());
}
