/** A finished span as `redact` sees it, and what it changed. */

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

type HeldValue = readonly [value: unknown, isJson: boolean];
type HeldAttribute = readonly [key: string, value: HeldValue];

/** What `Tracer.toBeRedacted` answers. */
export interface HeldSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly statusCode: RedactableSpan["statusCode"];
  readonly statusDescription: string;
  readonly attributes: readonly HeldAttribute[];
  readonly events: readonly { readonly name: string; readonly attributes: HeldSpan["attributes"] }[];
}

/** Something that the core is to write down: a value in its place, a new attribute, or a text. */
export type Change =
  | { readonly event: number; readonly index: number; readonly value: unknown }
  | { readonly name: string; readonly value: unknown }
  | { readonly which: number; readonly text: string };

/** Trace id, type, previews, inputs and outputs come before the attributes. */
const HEAD = 6;

/** These two say again what inputs and outputs say (src/ag2/received.rs, src/js/instrument/facts.ts). */
const CHAT_MESSAGES = "mlflow.chat.messages";
const CHAT_TOOLS = "mlflow.chat.tools";

/** The span to be changed, and what tells afterwards what was. */
export function readRedactable(held: HeldSpan): { readonly span: RedactableSpan; changes(): Change[] } {
  const [traceId, spanType, requestPreview, responsePreview, inputs, outputs] = held.attributes.slice(0, HEAD).map(([, value]) => plain(value));
  const said = held.attributes.slice(HEAD);
  const events = held.events.map(({ name, attributes }) => ({ name, attributes: objectOf(attributes) }));
  const span: RedactableSpan = {
    traceId: String(traceId),
    spanId: held.spanId,
    parentId: held.parentId,
    spanType: String(spanType),
    statusCode: held.statusCode,
    name: held.name,
    inputs,
    outputs,
    requestPreview: textOf(requestPreview),
    responsePreview: textOf(responsePreview),
    statusDescription: held.statusDescription,
    attributes: objectOf(said),
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

  // Both in the order in which src/wasm/redaction.rs numbers them.
  const texts = [...["name", "statusDescription", "requestPreview", "responsePreview"].map((name) => [span, name]), ...events.map((event) => [event, "name"])] as [Record<string, string>, string][];
  const before = texts.map(([holder, name]) => holder[name]);
  const [[, heldInputs], [, heldOutputs]] = held.attributes.slice(HEAD - 2) as [HeldAttribute, HeldAttribute];
  const values: [was: HeldValue, read: () => unknown, event: number, index: number][] = [
    [heldInputs, () => span.inputs, 0, 0],
    [heldOutputs, () => span.outputs, 0, 1],
    ...said.map(([name, was], index) => [was, () => span.attributes[name], 0, 2 + index] as (typeof values)[0]),
    ...held.events.flatMap(({ attributes }, event) => attributes.map(([name, was], index) => [was, () => events[event]!.attributes[name], 1 + event, index] as (typeof values)[0])),
  ];
  const differs = ([was, read]: (typeof values)[0]): boolean => !isSame(was, read());

  const changes = (): Change[] => {
    if (values.slice(0, 2).some(differs)) sayAgain(span, said);
    return [
      ...texts.map(([holder, name], which) => ({ which, text: holder[name] })).filter(({ which, text }) => text !== before[which]).map(({ which, text }) => ({ which, text: String(text ?? "") })),
      ...values.filter(differs).map(([, read, event, index]) => ({ event, index, value: read() })),
      ...Object.entries(span.attributes).filter(([name]) => !said.some(([known]) => known === name)).map(([name, value]) => ({ name, value })),
    ];
  };
  return { span, changes };
}

/** What repeats inputs and outputs is made anew of what they are now, unless it was changed by itself. */
function sayAgain({ inputs, outputs, attributes }: RedactableSpan, said: HeldSpan["attributes"]): void {
  for (const [name, before] of said) {
    if (!isSame(before, attributes[name])) continue;
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

function isSame(before: HeldValue, after: unknown): boolean {
  const [value, isJson] = before;
  // What is deleted is not what was `null`: neither is recorded.
  return isJson ? typeof after === "object" && after !== null && JSON.stringify(after) === JSON.stringify(JSON.parse(value as string)) : value === after;
}

function withTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [replace(key), withTexts(member, replace)]));
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function objectOf(said: HeldSpan["attributes"]): Record<string, unknown> {
  return Object.fromEntries(said.map(([name, value]) => [name, plain(value)]));
}

function plain([value, isJson]: HeldValue): unknown {
  return isJson ? JSON.parse(value as string) : value;
}
