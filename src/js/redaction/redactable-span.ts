/** Finished spans as `redact` receives them, and the changes that it makes. */

import * as redactableTexts from "../bridge/numbers/redactable-texts.js";

/** A finished span, before it is exported or shown. Values that are set here are recorded. */
export interface RedactableSpan {
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** `null` for the root of the trace. */
  readonly parentId: string | null;
  /** Such as "LLM", "TOOL", "AGENT". */
  readonly spanType: string;
  /** The status. */
  readonly statusCode: "UNSET" | "OK" | "ERROR";
  /** The name. */
  name: string;
  /** The inputs. */
  inputs: unknown;
  /** The outputs. */
  outputs: unknown;
  /** The error message of a span that failed; its exception event repeats it. */
  statusDescription: string;
  /** On the root, if the program has set one (`updateCurrentTrace`); else it is derived from the inputs. */
  requestPreview: string | undefined;
  /** On the root, if the program has set one; else it is derived from the outputs. */
  responsePreview: string | undefined;
  /** All other attributes by key; they can be changed, added and deleted. */
  readonly attributes: Record<string, unknown>;
  /** The events, including exceptions with their messages and stacks. */
  readonly events: readonly {
    /** The name of the event; "exception" for an error. */
    name: string;
    /** The attributes of the event by key; they can be changed, added and deleted. */
    readonly attributes: Record<string, unknown>;
  }[];
  /**
   * Replaces every text in all of the above by the result of `replace`, including the keys of objects, but
   * not ids, the type and the keys of attributes.
   *
   * @example
   * init({ redact: (span) => span.replaceTexts((text) => text.replaceAll(/[\w.]+@[\w.]+/g, "<email>")) });
   */
  replaceTexts(replace: (text: string) => string): void;
}

type PendingAttributes = readonly (readonly [name: string, value: unknown])[];

/** `RedactableSpan` of src/wasm/views.rs; each has data of its own. */
export interface PendingSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly traceId: string;
  readonly spanType: string;
  readonly statusCode: RedactableSpan["statusCode"];
  readonly statusDescription: string;
  readonly requestPreview: string | undefined;
  readonly responsePreview: string | undefined;
  readonly inputs: unknown;
  readonly outputs: unknown;
  readonly attributes: PendingAttributes;
  readonly events: readonly (readonly [name: string, attributes: PendingAttributes])[];
}

/** A change that the core is to record: a value in its slot, a new attribute, or a text. */
export type Change =
  | { readonly event: number; readonly index: number; readonly value: unknown }
  | { readonly name: string; readonly value: unknown }
  | { readonly textId: number; readonly text: string };

/**
 * The keys of attributes that repeat parts of inputs and outputs (src/ag2/message.rs,
 * src/js/instrument/events.ts).
 */
const CHAT_MESSAGES = "mlflow.chat.messages";
const CHAT_TOOLS = "mlflow.chat.tools";

/** The position of a value in the core: `event` 0 is the span itself, whose values 0 and 1 are inputs and outputs. */
interface Slot {
  readonly event: number;
  readonly index: number;
  /** Its previous value, as JSON. */
  readonly previousJson: string | undefined;
  readonly read: () => unknown;
}

/** A span that `redact` gets. */
interface Redactable {
  readonly span: RedactableSpan;
  /** The changes made to the span. */
  changes(): Change[];
  /** Takes over what `redact` has returned. @throws TypeError unless it has the shape of this span */
  replaceBy(returned: object): void;
}

/** The span for `redact`. */
export function readRedactable(held: PendingSpan): Redactable {
  const events = held.events.map(([name, attributes]) => ({ name, attributes: Object.fromEntries(attributes) }));
  const span: RedactableSpan = {
    ...held,
    attributes: Object.fromEntries(held.attributes),
    // An attempt to remove an event must throw.
    events: Object.freeze(events),
    replaceTexts: (replace) => {
      for (const [holder, name] of texts) if (holder[name] !== undefined) holder[name] = replace(holder[name]);
      span.inputs = replaceTextsIn(span.inputs, replace);
      span.outputs = replaceTextsIn(span.outputs, replace);
      for (const { attributes } of [span, ...events]) {
        for (const name of Object.keys(attributes)) attributes[name] = replaceTextsIn(attributes[name], replace);
      }
    },
  };

  const texts = [
    [span, "name", redactableTexts.name],
    [span, "statusDescription", redactableTexts.statusDescription],
    [span, "requestPreview", redactableTexts.requestPreview],
    [span, "responsePreview", redactableTexts.responsePreview],
    ...events.map((event, index) => [event, "name", redactableTexts.firstEvent + index]),
  ] as unknown as readonly [holder: Record<string, string>, name: string, textId: number][];
  const textsBefore = texts.map(([holder, name]) => holder[name]);
  const inputs = slot(0, 0, () => span.inputs);
  const outputs = slot(0, 1, () => span.outputs);
  const own = held.attributes.map(([name], index) => slot(0, 2 + index, () => span.attributes[name]));
  const ofEvents = held.events.flatMap(([, attributes], at) =>
    attributes.map(([name], index) => slot(1 + at, index, () => events[at]!.attributes[name])),
  );

  const changes = (): Change[] => {
    if (hasChanged(inputs) || hasChanged(outputs)) refreshDerivedAttributes(span, held.attributes, own);
    const isNew = ([name]: readonly [string, unknown]): boolean => !held.attributes.some(([known]) => known === name);
    return [
      ...texts
        .filter(([holder, name], at) => holder[name] !== textsBefore[at])
        .map(([holder, name, textId]) => ({ textId, text: String(holder[name] ?? "") })),
      ...[inputs, outputs, ...own, ...ofEvents]
        .filter(hasChanged)
        .map(({ event, index, read }) => ({ event, index, value: read() })),
      ...Object.entries(span.attributes)
        .filter(isNew)
        .map(([name, value]) => ({ name, value })),
    ];
  };
  return { span, changes, replaceBy: (returned) => takeOver(span, returned as RedactableSpan) };
}

/** Copies what can be changed. Ids, times and the number of events cannot. */
function takeOver(span: RedactableSpan, returned: RedactableSpan): void {
  const { traceId, spanId, name, inputs, outputs, statusDescription, attributes, events } = returned;
  const isSpan =
    traceId === span.traceId &&
    spanId === span.spanId &&
    typeof name === "string" &&
    isFields(attributes) &&
    Array.isArray(events) &&
    events.length === span.events.length &&
    events.every((event) => isFields(event) && typeof event["name"] === "string" && isFields(event["attributes"]));
  if (!isSpan) throw new TypeError("it returned an object that is not this span: return `{ ...span }` with changes");
  const { requestPreview, responsePreview } = returned;
  Object.assign(span, { name, inputs, outputs, statusDescription, requestPreview, responsePreview });
  replaceMembers(span.attributes, attributes);
  for (const [at, event] of span.events.entries()) {
    const other = events[at] as RedactableSpan["events"][number];
    event.name = other.name;
    replaceMembers(event.attributes, other.attributes);
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function replaceMembers(target: Record<string, unknown>, source: Readonly<Record<string, unknown>>): void {
  // The source may be the target.
  const members = { ...source };
  for (const name of Object.keys(target)) delete target[name];
  Object.assign(target, members);
}

function slot(event: number, index: number, read: () => unknown): Slot {
  return { event, index, previousJson: jsonOf(read()), read };
}

/** Whether the value has changed; deleting a value that was `null` is no change. */
function hasChanged({ previousJson: before, read }: Slot): boolean {
  return before !== jsonOf(read());
}

/** A text by which values are compared: the JSON text, but for numbers such as NaN, which JSON lacks. */
function jsonOf(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** Derives the attributes that repeat inputs and outputs again, unless they were changed themselves. */
function refreshDerivedAttributes(
  { inputs, outputs, attributes }: RedactableSpan,
  recorded: PendingAttributes,
  own: readonly Slot[],
): void {
  for (const [at, [name]] of recorded.entries()) {
    if (hasChanged(own[at]!)) continue;
    if (name === CHAT_TOOLS) attributes[name] = (inputs as { tools?: unknown } | null | undefined)?.tools;
    if (name === CHAT_MESSAGES)
      attributes[name] = [...chatMessagesOf(inputs, "user"), ...chatMessagesOf(outputs, "assistant")];
  }
}

/** A message event as one message of a chat (src/ag2/message.rs, `ReceivedMessage::chat`). */
function chatMessagesOf(event: unknown, role: "user" | "assistant"): object[] {
  if (typeof event !== "object" || event === null || !("message" in event)) return [];
  const { message, sender } = event as { message: unknown; sender?: unknown };
  const fields = typeof message === "object" && message !== null ? message : { content: message };
  return [role === "user" ? { name: sender, ...fields, role } : { role, name: sender, ...fields }];
}

function replaceTextsIn(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => replaceTextsIn(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [replace(key), replaceTextsIn(member, replace)]),
  );
}
