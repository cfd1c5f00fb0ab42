/** What else agents of other libraries do: call tools, choose who speaks next, ask a person, run code. */

import { currentScope } from "../context.js";
import type { Begun, Call } from "./call.js";
import { isAgent } from "./kinds.js";
import { around, ForeignScope, innermost, isOutside } from "./report.js";
import { classOf, field, type Fields, isFields, isRecord, named, nameOf, parsed, textOf } from "./read.js";

/** A tool is called, unless this is how the tool call that goes on is done. */
export function beginToolCall(call: Call): Begun | undefined {
  const { self, options } = call;
  const found = toolCallIn(call);
  if (found === undefined) return undefined;
  const { name, args, callId, isByName } = found;
  const inner = innermost();
  if (inner?.isOpen && inner.kind === "toolCall" && inner.name === name && !inner.isTold && byName.has(inner)) {
    // From one hand to the next, until the tool's own function runs.
    if (!isByName) inner.isTold = true;
    return undefined;
  }
  const ambient = currentScope();
  if (call.isOnlyInside && isOutside(ambient)) return undefined;
  const agent = isAgent(self) ? named(self, "") : { name: around(ambient, "reply")?.name ?? "" };
  const description = options.description ?? field(self, "description");
  const details = { agent, name, callId, description: typeof description === "string" ? description : undefined, arguments: args };
  const turn = ambient instanceof ForeignScope ? ambient.chat?.lastTurn : undefined;
  const scope = new ForeignScope("toolCall", details, { parent: turn !== undefined && turn.self === self ? turn : ambient, self, name });
  if (isByName) byName.add(scope);
  return { scope, end: (result) => endToolCall(scope, result) };
}

/** Tool calls that name their tool: its function is yet to run. */
const byName = new WeakSet<ForeignScope>();

interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  readonly callId: string | undefined;
  readonly isByName: boolean;
}

function toolCallIn({ self, given, meaning, options }: Call): ToolCall | undefined {
  const [first, second] = given;
  if (options.name === undefined && (meaning.isSure || nameOfTool(self) === undefined)) {
    if (typeof first === "string") return { name: first, args: parsed(second) ?? {}, callId: textIn(given[2]), isByName: true };
    const inner = field(first, "function", "functionCall", "function_call", "toolCall", "tool_call");
    const name = field(inner, "name") ?? field(first, "name", "toolName", "tool_name", "tool");
    if (typeof name === "string") {
      const names = ["arguments", "args", "input", "parameters", "params"];
      const args = field(inner, ...names) ?? field(first, ...names) ?? second;
      return { name, args: parsed(args) ?? {}, callId: textIn(field(first, "id", "callId", "call_id", "toolCallId", "tool_call_id")), isByName: true };
    }
  }
  const name = options.name ?? nameOfTool(self) ?? (meaning.isSure ? "tool" : undefined);
  const args = given.length > 1 ? given : given.length === 0 ? {} : first;
  return name === undefined ? undefined : { name, args, callId: undefined, isByName: false };
}

/** What a tool is called, whatever its description is wrapped in. */
export function nameOfTool(tool: unknown): string | undefined {
  const name = field(tool, "name") ?? field(field(tool, "function", "contract", "schema", "definition", "spec", "config"), "name");
  return typeof name === "string" && name !== "" ? name : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** AG2's tools do not throw: they say that they failed (autogen/agentchat/conversable_agent.py, `execute_function`). */
function endToolCall(scope: ForeignScope<"toolCall">, result: unknown): void {
  const failure = failureIn(result);
  if (failure !== undefined) return scope.fail(failure);
  const given = Array.isArray(result) && result[0] === true && isRecord(result[1]) ? (result[1]["content"] ?? result[1]) : result;
  scope.end({ result: given, content: typeof given === "string" ? given : contentOf(given) });
}

function failureIn(result: unknown): unknown {
  if (result instanceof Error) return result;
  if (Array.isArray(result) && result[0] === false && result.length === 2) return errorSaying(textOf(result[1]) ?? "the tool failed");
  if (!isRecord(result)) return undefined;
  const isFailure = result["success"] === false || result["ok"] === false || result["isError"] === true || result["is_error"] === true;
  if (!isFailure) return undefined;
  const error = result["error"];
  if (error instanceof Error) return error;
  return errorSaying(textIn(error) ?? textIn(field(error, "message")) ?? textOf(result) ?? "the tool failed");
}

/** An error without a stack: it was not thrown here. */
function errorSaying(message: string): Error {
  const error = new Error(message);
  delete error.stack;
  return error;
}

function contentOf(value: unknown): string {
  return isFields(value) ? "" : String(value);
}

/** Who speaks next is to be chosen. */
export function beginSpeakerSelection(call: Call): Begun | undefined {
  const { self, given } = call;
  if (innermost()?.kind === "speakerSelection") return undefined;
  const last = given.find(isAgent);
  const method = field(self, "speakerSelectionMethod", "speaker_selection_method", "speakerSelectionMode", "selectionMethod", "selectionMode", "strategy");
  const how = typeof method === "string" ? method : (classOf(method) ?? "custom");
  const details = { groupChat: groupOf(call), lastSpeaker: last === undefined ? undefined : named(last, ""), method: how };
  const scope = new ForeignScope("speakerSelection", details, { parent: currentScope(), self, name: nameOf(self) ?? "" });
  return {
    scope,
    end: (result) => {
      const chosen: unknown = Array.isArray(result) ? result[0] : result;
      const name = chosen === undefined || chosen === null ? undefined : nameOf(chosen);
      scope.end({ speaker: name === undefined ? undefined : { name }, method: how });
    },
  };
}

/** The names in a group: of the object that chooses, or of the list that it chooses from. */
function groupOf({ self, given }: Call): Fields {
  const listed = given.find(Array.isArray) ?? field(self, "agents", "participants", "members", "_agents", "_participants");
  const members: readonly unknown[] = Array.isArray(listed) ? listed : listed instanceof Map ? [...listed.values()] : [];
  return { name: nameOf(self) ?? "", agents: members.filter(isAgent).map((member) => named(member, "")) };
}

/** A person is asked. */
export function beginHumanInput({ self, given }: Call): Begun | undefined {
  if (innermost()?.kind === "humanInput") return undefined;
  const agent = named(self, "user");
  const prompt = given.find((value) => typeof value === "string") ?? "";
  const scope = new ForeignScope("humanInput", { agent, prompt }, { parent: currentScope(), self, name: agent.name });
  return { scope, end: (result) => scope.end({ reply: typeof result === "string" ? result : (textOf(result) ?? String(result ?? "")) }) };
}

/** Code is run. */
export function beginCodeExecution({ self, given }: Call): Begun | undefined {
  if (innermost()?.kind === "codeExecution") return undefined;
  const agent = isAgent(self) ? named(self, "") : { name: around(currentScope(), "reply")?.name ?? "" };
  const scope = new ForeignScope("codeExecution", { agent, blocks: blocksIn(given) }, { parent: currentScope(), self, name: agent.name });
  return {
    scope,
    end: (result) => {
      const [code, output] = Array.isArray(result) ? (result as unknown[]) : [field(result, "exitCode", "exit_code", "code"), undefined];
      const told = output ?? field(result, "output", "stdout", "logs", "result", "error") ?? result;
      const isFailure = field(result, "success", "ok") === false;
      scope.end({ exitCode: typeof code === "number" ? code : isFailure ? 1 : 0, output: typeof told === "string" ? told : contentOf(told) });
    },
  };
}

function blocksIn([first, second]: readonly unknown[]): { language: string; code: string }[] {
  if (typeof first === "string") return [{ language: textIn(second) ?? "", code: first }];
  const blocks: readonly unknown[] = Array.isArray(first) ? first : [first];
  return blocks.map((block) => {
    const [language, code] = Array.isArray(block) ? (block as unknown[]) : [field(block, "language", "lang"), field(block, "code", "source")];
    return { language: textIn(language) ?? "", code: textIn(code) ?? "" };
  });
}
