/** As much of protobuf's wire format as it takes to leave something out of a message. */

/** One field of a message. */
export interface Field {
  readonly number: number;
  /** The bytes of the field in the message. */
  readonly whole: Buffer;
  /** What is in it, if it is text or a message; else empty. */
  readonly content: Buffer;
}

/** The fields of a message, in their order. */
export function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("the message is cut off");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const tag = varint();
    let from = at;
    if (tag % 8 === 0) varint();
    else if (tag % 8 === 1) at += 8;
    else if (tag % 8 === 5) at += 4;
    else {
      const length = varint();
      from = at;
      at += length;
    }
    fields.push({
      number: Math.floor(tag / 8),
      whole: bytes.subarray(start, at),
      content: tag % 8 === 2 ? bytes.subarray(from, at) : Buffer.alloc(0),
    });
  }
  return fields;
}

/** A field with text or a message. */
export function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** A field with a whole number. */
export function number(at: number, value: number): Buffer {
  return Buffer.concat([varint(at * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
