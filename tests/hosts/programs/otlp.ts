/** Reads the spans of the tracer's requests: the fields of OTLP's protobuf with names, ids and parents. */

/** A span as it went over the wire. */
export interface WireSpan {
  traceId: string;
  spanId: string;
  /** Empty for a root. */
  parentId: string;
  name: string;
  /** Attributes that are text or a boolean. */
  attributes: Record<string, string | boolean>;
}

type Field = readonly [number: number, value: number | Uint8Array];

/** The spans of an `ExportTraceServiceRequest`. */
export function spansIn(body: Uint8Array): WireSpan[] {
  return inside(body, 1)
    .flatMap((resource) => inside(resource, 2))
    .flatMap((scope) => inside(scope, 2))
    .map(spanIn);
}

function spanIn(bytes: Uint8Array): WireSpan {
  const span: WireSpan = { traceId: "", spanId: "", parentId: "", name: "", attributes: {} };
  for (const [number, value] of fieldsOf(bytes)) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === 1) span.traceId = hex(value);
    else if (number === 2) span.spanId = hex(value);
    else if (number === 4) span.parentId = hex(value);
    else if (number === 5) span.name = text(value);
    else if (number === 9) {
      const [key, content] = [inside(value, 1)[0], inside(value, 2)[0]];
      const [kind, attribute] = content === undefined ? [] : (fieldsOf(content)[0] ?? []);
      if (key !== undefined && kind === 1) span.attributes[text(key)] = text(attribute as Uint8Array);
      else if (key !== undefined && kind === 2) span.attributes[text(key)] = attribute !== 0;
    }
  }
  return span;
}

function inside(bytes: Uint8Array, wanted: number): Uint8Array[] {
  return fieldsOf(bytes).flatMap(([number, value]) =>
    number === wanted && value instanceof Uint8Array ? [value] : [],
  );
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const width = { 0: 0, 1: 8, 2: -1, 5: 4 }[tag % 8];
    if (width === undefined) throw new Error(`no such wire type: ${tag % 8}`);
    if (width === 0) fields.push([number, varint()]);
    else {
      const length = width < 0 ? varint() : width;
      fields.push([number, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
