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
  | (Place & { readonly value: unknown })
  | { readonly name: string; readonly value: unknown }
  | { readonly textId: number; readonly text: string };

/**
 * The keys of attributes that repeat parts of inputs and outputs (src/ag2/message.rs,
 * src/js/instrument/events.ts).
 */
const CHAT_MESSAGES = "mlflow.chat.messages";
const CHAT_TOOLS = "mlflow.chat.tools";

/** The place of a value in the core, as `redact_value` of src/wasm/redaction.rs reads it. */
interface Place {
  readonly event: number;
  readonly index: number;
}
const INPUTS: Place = { event: 0, index: 0 };
const OUTPUTS: Place = { event: 0, index: 1 };
const placeOfAttribute = (index: number): Place => ({ event: 0, index: 2 + index });
const placeOfEventAttribute = (event: number, index: number): Place => ({ event: 1 + event, index });

/** A value of the span, as it was when the slot was made and as it is now. */
interface ValueSlot {
  readonly place: Place;
  readonly previousJson: string | undefined;
  readonly read: () => unknown;
}

/** A field of the span, or of one of its events, that is a text. */
interface TextSlot {
  readonly holder: Record<string, string | undefined>;
  readonly key: string;
  /** The number of the text in the core. */
  readonly textId: number;
  readonly previous: string | undefined;
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
export function readRedactable(pending: PendingSpan): Redactable {
  const events = pending.events.map(([name, attributes]) => ({ name, attributes: Object.fromEntries(attributes) }));
  const span: RedactableSpan = {
    ...pending,
    attributes: Object.fromEntries(pending.attributes),
    // An attempt to remove an event must throw.
    events: Object.freeze(events),
    replaceTexts: (replace) => {
      for (const { holder, key } of texts) if (holder[key] !== undefined) holder[key] = replace(holder[key]);
      span.inputs = replaceTextsIn(span.inputs, replace);
      span.outputs = replaceTextsIn(span.outputs, replace);
      for (const { attributes } of [span, ...events]) {
        for (const name of Object.keys(attributes)) attributes[name] = replaceTextsIn(attributes[name], replace);
      }
    },
  };

  const texts = [
    textSlot(span, "name", redactableTexts.name),
    textSlot(span, "statusDescription", redactableTexts.statusDescription),
    textSlot(span, "requestPreview", redactableTexts.requestPreview),
    textSlot(span, "responsePreview", redactableTexts.responsePreview),
    ...events.map((event, index) => textSlot(event, "name", redactableTexts.firstEvent + index)),
  ];
  const inputs = valueSlot(INPUTS, () => span.inputs);
  const outputs = valueSlot(OUTPUTS, () => span.outputs);
  const ofAttributes = pending.attributes.map(([name], index) => ({
    name,
    ...valueSlot(placeOfAttribute(index), () => span.attributes[name]),
  }));
  const ofEvents = pending.events.flatMap(([, attributes], event) =>
    attributes.map(([name], index) =>
      valueSlot(placeOfEventAttribute(event, index), () => events[event]!.attributes[name]),
    ),
  );

  const changes = (): Change[] => {
    if (hasChanged(inputs) || hasChanged(outputs)) refreshDerivedAttributes(span, ofAttributes);
    const changedTexts = texts.filter(({ holder, key, previous }) => holder[key] !== previous);
    const changedValues = [inputs, outputs, ...ofAttributes, ...ofEvents].filter(hasChanged);
    const names = new Set(ofAttributes.map(({ name }) => name));
    const newAttributes = Object.entries(span.attributes).filter(([name]) => !names.has(name));
    return [
      ...changedTexts.map(({ holder, key, textId }) => ({ textId, text: String(holder[key] ?? "") })),
      ...changedValues.map(({ place, read }) => ({ ...place, value: read() })),
      ...newAttributes.map(([name, value]) => ({ name, value })),
    ];
  };
  return { span, changes, replaceBy: (returned) => takeOver(span, returned as RedactableSpan) };
}

function textSlot<Key extends string>(
  holder: { [key in Key]: string | undefined },
  key: Key,
  textId: number,
): TextSlot {
  return { holder, key, textId, previous: holder[key] };
}

function valueSlot(place: Place, read: () => unknown): ValueSlot {
  return { place, previousJson: jsonOf(read()), read };
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

/** Whether the value has changed; deleting a value that was `null` is no change. */
function hasChanged({ previousJson, read }: ValueSlot): boolean {
  return previousJson !== jsonOf(read());
}

/** A text by which values are compared: the JSON text, but for numbers such as NaN, which JSON lacks. */
function jsonOf(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** Derives the attributes that repeat inputs and outputs again, unless they were changed themselves. */
function refreshDerivedAttributes(
  { inputs, outputs, attributes }: RedactableSpan,
  recorded: readonly (ValueSlot & { readonly name: string })[],
): void {
  for (const slot of recorded) {
    const { name } = slot;
    if (hasChanged(slot)) continue;
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
