/** Reads an OTLP `ExportTraceServiceRequest`, as far as is needed to see what it carries. */

/** The fields of a protobuf message: number and content (bytes, or a number for the rest). */
function* fields(bytes) {
  let at = 0;
  const varint = () => {
    let number = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      number |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    if (kind === 0) yield [tag >> 3, varint()];
    else if (kind === 1) yield [tag >> 3, bytes.subarray(at, (at += 8))];
    else if (kind === 5) yield [tag >> 3, bytes.subarray(at, (at += 4))];
    else {
      const length = Number(varint());
      yield [tag >> 3, bytes.subarray(at, (at += length))];
    }
  }
}

const inside = function* (messages, number) {
  for (const message of messages) for (const [field, content] of fields(message)) if (field === number) yield content;
};

/** The spans of a body, each a map from attribute keys to their texts. */
export function spansIn(body) {
  const spans = [...inside(inside(inside([body], 1), 2), 2)];
  return spans.map((span) => {
    const attributes = new Map();
    for (const attribute of inside([span], 9)) {
      const [[, key], [, value]] = [...fields(attribute)];
      const text = [...fields(value)].find(([field]) => field === 1);
      if (text !== undefined) attributes.set(key.toString(), text[1].toString());
    }
    return attributes;
  });
}
