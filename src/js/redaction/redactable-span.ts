/** A finished span as `redact` sees it, and what it changed. */

import * as redactableTexts from "../bridge/numbers/redactable-texts.js";

/** A finished span, before anybody has seen it. What is set here is what is recorded. */
export interface RedactableSpan {
  /** "tr-" and 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** `undefined` for the root of the trace. */
  readonly parentId: string | undefined;
  /** Such as "LLM", "TOOL", "AGENT". */
  readonly spanType: string;
  /** How it went. */
  readonly statusCode: "UNSET" | "OK" | "ERROR";
  /** What it is called. */
  name: string;
  /** What went in. */
  inputs: unknown;
  /** What came out. */
  outputs: unknown;
  /** What was wrong, for one that failed; its exception event says the same again. */
  statusDescription: string;
  /** On the root, if the program has given one (`updateCurrentTrace`); else it is made of the inputs. */
  requestPreview: string | undefined;
  /** On the root, if the program has given one; else it is made of the outputs. */
  responsePreview: string | undefined;
  /** Everything else that is said of it, by name; can be changed, added to and deleted from. */
  readonly attributes: Record<string, unknown>;
  /** What happened meanwhile, exceptions with their messages and stacks among it. */
  readonly events: readonly {
    /** What happened; "exception" for an error. */
    name: string;
    /** More about it, by key; can be changed, added to and deleted from. */
    readonly attributes: Record<string, unknown>;
  }[];
  /**
   * Puts what `replace` gives in place of every text in all of the above, keys of objects included,
   * but for ids, type and the names of attributes.
   *
   * @example
   * init({ redact: (span) => span.replaceTexts((text) => text.replaceAll(/[\w.]+@[\w.]+/g, "<email>")) });
   */
  replaceTexts(replace: (text: string) => string): void;
}

type HeldAttributes = readonly (readonly [name: string, value: unknown])[];

/** `RedactableSpan` of src/wasm/views.rs; its data is made anew for each. */
export interface HeldSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly traceId: string;
  readonly spanType: string;
  readonly statusCode: RedactableSpan["statusCode"];
  readonly statusDescription: string;
  readonly requestPreview: string | undefined;
  readonly responsePreview: string | undefined;
  readonly inputs: unknown;
  readonly outputs: unknown;
  readonly attributes: HeldAttributes;
  readonly events: readonly (readonly [name: string, attributes: HeldAttributes])[];
}

/** Something that the core is to write down: a value in its place, a new attribute, or a text. */
export type Change =
  | { readonly event: number; readonly index: number; readonly value: unknown }
  | { readonly name: string; readonly value: unknown }
  | { readonly which: number; readonly text: string };

/** These two say again what inputs and outputs say (src/ag2/received.rs, src/js/instrument/facts.ts). */
const CHAT_MESSAGES = "mlflow.chat.messages";
const CHAT_TOOLS = "mlflow.chat.tools";

/** A value in its place in the core: `event` 0 is the span itself, whose values 0 and 1 are inputs and outputs. */
interface Slot {
  readonly event: number;
  readonly index: number;
  /** What it was, as JSON. */
  readonly before: string | undefined;
  readonly read: () => unknown;
}

/** The span to be changed, and what tells afterwards what was. */
export function readRedactable(held: HeldSpan): { readonly span: RedactableSpan; changes(): Change[] } {
  const events = held.events.map(([name, attributes]) => ({ name, attributes: Object.fromEntries(attributes) }));
  const span: RedactableSpan = {
    ...held,
    attributes: Object.fromEntries(held.attributes),
    // Whoever tries to take one out is to hear that this is not possible.
    events: Object.freeze(events),
    replaceTexts: (replace) => {
      for (const [holder, name] of texts) if (holder[name] !== undefined) holder[name] = replace(holder[name]);
      span.inputs = withTexts(span.inputs, replace);
      span.outputs = withTexts(span.outputs, replace);
      for (const { attributes } of [span, ...events]) {
        for (const name of Object.keys(attributes)) attributes[name] = withTexts(attributes[name], replace);
      }
    },
  };

  const texts = [
    [span, "name", redactableTexts.name],
    [span, "statusDescription", redactableTexts.statusDescription],
    [span, "requestPreview", redactableTexts.requestPreview],
    [span, "responsePreview", redactableTexts.responsePreview],
    ...events.map((event, index) => [event, "name", redactableTexts.firstEvent + index]),
  ] as unknown as readonly [holder: Record<string, string>, name: string, which: number][];
  const textsBefore = texts.map(([holder, name]) => holder[name]);
  const inputs = slot(0, 0, () => span.inputs);
  const outputs = slot(0, 1, () => span.outputs);
  const own = held.attributes.map(([name], index) => slot(0, 2 + index, () => span.attributes[name]));
  const ofEvents = held.events.flatMap(([, attributes], at) =>
    attributes.map(([name], index) => slot(1 + at, index, () => events[at]!.attributes[name])),
  );

  const changes = (): Change[] => {
    if (hasChanged(inputs) || hasChanged(outputs)) sayAgain(span, held.attributes, own);
    const isNew = ([name]: readonly [string, unknown]): boolean => !held.attributes.some(([known]) => known === name);
    return [
      ...texts
        .filter(([holder, name], at) => holder[name] !== textsBefore[at])
        .map(([holder, name, which]) => ({ which, text: String(holder[name] ?? "") })),
      ...[inputs, outputs, ...own, ...ofEvents]
        .filter(hasChanged)
        .map(({ event, index, read }) => ({ event, index, value: read() })),
      ...Object.entries(span.attributes)
        .filter(isNew)
        .map(([name, value]) => ({ name, value })),
    ];
  };
  return { span, changes };
}

function slot(event: number, index: number, read: () => unknown): Slot {
  return { event, index, before: jsonOf(read()), read };
}

/** What is deleted is not what was `null`: neither is recorded. */
function hasChanged({ before, read }: Slot): boolean {
  return before !== jsonOf(read());
}

/** The JSON text; of a text or number in a way that tells 1 from "1", and of what JSON cannot say its name. */
function jsonOf(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** What repeats inputs and outputs is made anew of what they are now, unless it was changed by itself. */
function sayAgain(
  { inputs, outputs, attributes }: RedactableSpan,
  recorded: HeldAttributes,
  own: readonly Slot[],
): void {
  for (const [at, [name]] of recorded.entries()) {
    if (hasChanged(own[at]!)) continue;
    if (name === CHAT_TOOLS) attributes[name] = (inputs as { tools?: unknown } | null | undefined)?.tools;
    if (name === CHAT_MESSAGES) attributes[name] = [...messageIn(inputs, "user"), ...messageIn(outputs, "assistant")];
  }
}

/** A message event as one message of a chat (src/ag2/received.rs, `Received::chat`). */
function messageIn(event: unknown, role: "user" | "assistant"): object[] {
  if (typeof event !== "object" || event === null || !("message" in event)) return [];
  const { message, sender } = event as { message: unknown; sender?: unknown };
  const said = typeof message === "object" && message !== null ? message : { content: message };
  return [role === "user" ? { name: sender, ...said, role } : { role, name: sender, ...said }];
}

function withTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [replace(key), withTexts(member, replace)]));
}
