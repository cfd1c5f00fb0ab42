/** Tool calls of other libraries: those that name their tool, and those of the tool's own function. */

import type { Named } from "../../agents/observe/observer.js";
import { currentScope } from "../context.js";
import { field, isRecord, textField, textOrNothing } from "../fields.js";
import type { Begun, Call } from "./call.js";
import { isAgent } from "./kinds.js";
import { named } from "./names.js";
import { parsed, plainText, textOf } from "./read.js";
import { around, ForeignScope, innermost, isOutside } from "./report.js";

const ARGUMENTS = "arguments args input parameters params";

/** Tool calls that name their tool: its function is yet to run. */
const byName = new WeakSet<ForeignScope>();

/** A tool is called, unless this is how the tool call that goes on is done. */
export function beginToolCall(call: Call): Begun | undefined {
  const { self, options } = call;
  const found = toolCallIn(call);
  if (found === undefined) return undefined;
  const { name, isByName } = found;
  const inner = innermost();
  if (inner?.isOpen && inner.kind === "toolCall" && inner.name === name && !inner.isTold && byName.has(inner)) {
    // From one hand to the next, until the tool's own function runs.
    inner.isTold = !isByName;
    return undefined;
  }
  const ambient = currentScope();
  if (call.isOnlyInside && isOutside(ambient)) return undefined;
  const description = textOrNothing(options.description ?? field(self, "description"));
  const details = {
    agent: whoActs(self),
    name,
    callId: textOrNothing(found.callId),
    description,
    arguments: found.args,
  };
  const turn = ambient instanceof ForeignScope ? ambient.chat?.lastTurn : undefined;
  const scope = new ForeignScope(
    "toolCall",
    self,
    name,
    details,
    turn !== undefined && turn.self === self ? turn : ambient,
  );
  if (isByName) byName.add(scope);
  return { scope, end: (result) => endToolCall(scope, result) };
}

/** Who does something: the agent whose method it is, or who is replying. */
export function whoActs(self: unknown): Named {
  return isAgent(self) ? named(self, "") : { name: around(currentScope(), "reply")?.name ?? "" };
}

interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  readonly callId?: unknown;
  readonly isByName: boolean;
}

function toolCallIn({ self, given, meaning, options }: Call): ToolCall | undefined {
  const [first, second, third] = given;
  const own = nameOfTool(self);
  if (options.name === undefined && (meaning.isSure || own === undefined)) {
    const inner = field(first, "function functionCall toolCall");
    const name = textOrNothing(first) ?? field(inner, "name") ?? field(first, "name toolName tool");
    if (typeof name === "string") {
      const args = parsed(field(inner, ARGUMENTS) ?? field(first, ARGUMENTS) ?? second) ?? {};
      return { name, args, callId: first === name ? third : field(first, "id callId toolCallId"), isByName: true };
    }
  }
  const name = options.name ?? own ?? (meaning.isSure ? "tool" : undefined);
  return name === undefined
    ? undefined
    : { name, args: given.length > 1 ? given : given.length === 0 ? {} : first, isByName: false };
}

/** What a tool is called, whatever its description is wrapped in. */
export function nameOfTool(tool: unknown): string | undefined {
  const name = field(tool, "name") ?? field(field(tool, "function contract schema definition spec config"), "name");
  return textOrNothing(name) || undefined;
}

function endToolCall(scope: ForeignScope<"toolCall">, result: unknown): void {
  const failure = failureIn(result);
  if (failure !== undefined) return scope.fail(failure);
  const given =
    Array.isArray(result) && result[0] === true && isRecord(result[1]) ? (result[1]["content"] ?? result[1]) : result;
  scope.end({ result: given, content: plainText(given) });
}

/** AG2's tools do not throw: they say that they failed (autogen/agentchat/conversable_agent.py, `execute_function`). */
function failureIn(result: unknown): unknown {
  if (result instanceof Error) return result;
  if (Array.isArray(result))
    return result[0] === false && result.length === 2 ? errorSaying(textOf(result[1])) : undefined;
  if (!isRecord(result) || (field(result, "success ok") !== false && field(result, "isError") !== true))
    return undefined;
  const error = field(result, "error");
  return error instanceof Error
    ? error
    : errorSaying(textOrNothing(error) ?? textField(error, "message") ?? textOf(result));
}

/** An error without a stack: it was not thrown here. */
function errorSaying(message = "the tool failed"): Error {
  const error = new Error(message);
  delete error.stack;
  return error;
}
