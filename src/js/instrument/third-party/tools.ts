/** Tool calls of third-party libraries: calls that name their tool, and calls of the tool's own function. */

import type { Named } from "../../agents/observe/observer.js";
import { isError } from "../../capture/built-ins.js";
import { currentScope } from "../context.js";
import { field, isObject, isPlainObject, textField, asText, isList } from "../fields.js";
import type { StartedOperation, Call } from "./call.js";
import { isAgent, isBuiltIn } from "./object-shape.js";
import { namedAgent } from "./agent-names.js";
import { parsed, plainText, textOf } from "./message-fields.js";
import {
  enclosing,
  ThirdPartyScope,
  innermostScope,
  isCertainlyTopLevel,
  isThirdPartyScope,
} from "./third-party-scope.js";

const ARGUMENTS = "arguments args input parameters params";

/** Fields of what frameworks pass to a tool beside its arguments. */
const OPTIONS =
  "toolCallId abortSignal signal toolCall runContext requestContext runtimeContext tracingContext callbacks " +
  "configurable experimental_context resumeData cancellationToken";

/** Tool calls that name their tool, whose function is called within them. */
const callsByName = new WeakSet<ThirdPartyScope>();

/** Starts a tool call, unless the call is a step of one that is open. */
export function startToolCall(call: Call): StartedOperation | undefined {
  const { self, options } = call;
  const found = toolCallIn(call);
  if (found === undefined) return undefined;
  const { name, isByName } = found;
  const inner = innermostScope();
  if (
    inner?.isOpen &&
    inner.kind === "toolCall" &&
    inner.name === name &&
    !inner.isReported &&
    callsByName.has(inner)
  ) {
    // Steps on the way to the tool's own function.
    inner.isReported = !isByName;
    return undefined;
  }
  const ambient = currentScope();
  if (call.isNestedOnly && isCertainlyTopLevel(ambient)) return undefined;
  const description = asText(options.description ?? field(self, "description"));
  const details = {
    agent: actingAgent(self),
    name,
    callId: asText(found.callId),
    description,
    arguments: found.args,
  };
  const turn = isThirdPartyScope(ambient) ? ambient.chat?.lastTurn : undefined;
  const scope = new ThirdPartyScope(
    "toolCall",
    self,
    name,
    details,
    turn !== undefined && turn.self === self ? turn : ambient,
  );
  if (isByName) callsByName.add(scope);
  return { scope, end: (result) => endToolCall(scope, result) };
}

/** The agent of an operation: that of the method, or the one that is replying. */
export function actingAgent(self: unknown): Named {
  return isAgent(self) ? namedAgent(self, "") : { name: enclosing(currentScope(), "reply")?.name ?? "" };
}

interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  readonly callId?: unknown;
  readonly isByName: boolean;
}

function toolCallIn({ self, args, meaning, options }: Call): ToolCall | undefined {
  const [first, second, third] = args;
  const own = nameOfTool(self);
  // A tool and nothing else: `useTool({ name, execute })` registers it.
  if (meaning.isCertain && args.length === 1 && isRunnable(first)) return undefined;
  if (options.name === undefined && (meaning.isCertain || own === undefined)) {
    if (typeof first === "string") return { name: first, args: parsed(second) ?? {}, callId: third, isByName: true };
    for (const value of [first, second]) {
      const inner = field(value, "function functionCall toolCall");
      const name = field(inner, "name") ?? field(value, "name toolName tool");
      if (typeof name !== "string") continue;
      const given = parsed(
        field(inner, ARGUMENTS) ?? field(value, ARGUMENTS) ?? (value === first ? second : undefined),
      );
      return { name, args: given ?? {}, callId: field(value, "id callId toolCallId toolUseId"), isByName: true };
    }
  }
  const name = options.name ?? own ?? (meaning.isCertain ? "tool" : undefined);
  if (name === undefined) return undefined;
  // `execute(id, arguments, signal, …)` of a tool object.
  if (own !== undefined && typeof first === "string" && isPlainObject(second) && args.length > 2)
    return { name, args: second, callId: first, isByName: false };
  return { name, ...argumentsIn(args), isByName: false };
}

/** Whether a value is a tool: an object with a function of its own. */
function isRunnable(value: unknown): boolean {
  return isObject(value) && !isList(value) && Object.values(value).some((each) => typeof each === "function");
}

/**
 * What a tool's function is called with: its arguments, without the options that a framework adds, and the call's id.
 */
function argumentsIn(args: readonly unknown[]): { args: unknown; callId: unknown } {
  const options = args.filter(isOption);
  const isFramework = options.length > 0 || isPlainObject(args[0]);
  const isGiven = (value: unknown): boolean => value !== undefined && !isOption(value) && !isInstance(value);
  const given = isFramework ? args.filter(isGiven) : args;
  const callId = options
    .map((value) => field(value, "toolCallId callId") ?? field(field(value, "toolCall"), "id callId"))
    .find(asText);
  return { args: given.length > 1 ? given : given.length === 0 ? (options[0] ?? {}) : given[0], callId };
}

/** Whether an argument is a framework's, and no input of the tool. */
function isOption(value: unknown): boolean {
  return isPlainObject(value) ? field(value, OPTIONS) !== undefined : typeof field(value, "aborted") === "boolean";
}

/** Whether a value is an object of a class of the program or of a framework, such as the context of a run. */
function isInstance(value: unknown): boolean {
  return (
    isObject(value) && !isList(value) && !isPlainObject(value) && !isBuiltIn(Object.getPrototypeOf(value) as object)
  );
}

/** The name of a tool, also within a nested description. */
export function nameOfTool(tool: unknown): string | undefined {
  const name = field(tool, "name") ?? field(field(tool, "function contract schema definition spec config"), "name");
  return asText(name) || undefined;
}

function endToolCall(scope: ThirdPartyScope<"toolCall">, result: unknown): void {
  const failure = failureIn(result);
  if (failure !== undefined) return scope.fail(failure);
  const output =
    isList(result) && result[0] === true && isPlainObject(result[1]) ? (result[1]["content"] ?? result[1]) : result;
  scope.end({ result: output, content: plainText(output) });
}

/**
 * The error in a tool's result: as in AG2, tools may return errors (autogen/agentchat/conversable_agent.py,
 * `execute_function`).
 */
function failureIn(result: unknown): unknown {
  if (isError(result)) return result;
  if (isList(result))
    return result[0] === false && result.length === 2 ? errorWithMessage(textOf(result[1])) : undefined;
  if (!isPlainObject(result) || (field(result, "success ok") !== false && field(result, "isError") !== true))
    return undefined;
  const error = field(result, "error");
  return isError(error) ? error : errorWithMessage(asText(error) ?? textField(error, "message") ?? textOf(result));
}

/** An error without a stack, since it was not thrown here. */
function errorWithMessage(message = "the tool failed"): Error {
  const error = new Error(message);
  delete error.stack;
  return error;
}
