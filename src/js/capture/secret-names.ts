/** Which names are those of secrets, and which objects under such a name describe a secret instead of holding one. */

/** The end of a longer name decides: the rest is data. */
const MAX_NAME_CHARACTERS = 100;

/** The ends of secret names, without case and separators; a number may follow (`apiKey2`). */
const SECRET =
  /(?:authorization|pass(?:word|wd|phrase)|secret|credential|cookie|(?:api|secret|private|access|signing|encryption|subscription)key)s?\d*$|(?:token|(?:access|auth|refresh|bearer|api|csrf|xsrf|security|bot|personal)tokens|^pwd)\d*$/;
/** Names that end in "token", and mark a place in a text, a page or a time (`eos_token`, `nextPageToken`). */
const MARKER = /(?:^|[^a-z])(?:eos|bos|pad|unk|sep|cls|mask|stop|page|first)[^a-z]?token$/;

/** Whether this is the name of a secret (docs/privacy.md lists them). */
export function isSecretName(name: string): boolean {
  const end = name.slice(-MAX_NAME_CHARACTERS);
  return SECRET.test(normalizedName(end)) && !MARKER.test(end.replace(/[A-Z]+/g, "_$&").toLowerCase());
}

/** The last two letters of what `SECRET` finds. */
const SECRET_ENDS = "on rd wd se et al ie ey en ns ds es ts ls ys".split(" ");

/** The pair of what is neither two letters nor known to be none. */
const UNKNOWN_PAIR = 31;

/** By pair: 1 where a secret name, or one of the program's `names` as they are normalized, may end in it. */
export function secretEnds(names: ReadonlySet<string>): Uint8Array {
  const ends = new Uint8Array(27 * 32);
  ends[UNKNOWN_PAIR] = 1;
  for (const name of [...SECRET_ENDS, ...names]) ends[lastPairOfName(name)] = 1;
  return ends;
}

/** The pair that a name ends in, but for a number and separators. */
export function lastPairOfName(name: string): number {
  let end = name.length;
  for (; end > 0; end--) {
    const code = name.charCodeAt(end - 1);
    if (!isDigit(code) && code !== UNDERSCORE && code !== HYPHEN) break;
  }
  return pair(name.charCodeAt(end - 2), name.charCodeAt(end - 1));
}

/** The pair that a name within a text ends in at `end`. Letters may be part of an escaped one (`\u006e`, `%6e`). */
export function lastPairInText(text: string, end: number): number {
  const isUnknown =
    isDigit(text.charCodeAt(end - 1)) ||
    text.charCodeAt(end - 5) === LETTER_U ||
    text.charCodeAt(end - 6) === LETTER_U ||
    text.charCodeAt(end - 3) === PERCENT ||
    text.charCodeAt(end - 4) === PERCENT;
  return isUnknown ? UNKNOWN_PAIR : pair(text.charCodeAt(end - 2), text.charCodeAt(end - 1));
}

const PERCENT = 0x25;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;
const LETTER_U = 0x75;

function pair(first: number, last: number): number {
  const before = letter(first);
  const after = letter(last);
  return before < 0 || after < 0 ? UNKNOWN_PAIR : (before << 5) | after;
}

/** The number of an ASCII letter without case; 0 for a digit and for none, -1 for any other character. */
function letter(code: number): number {
  const number = (code | 0x20) - 0x60;
  if (number > 0 && number < 27) return number;
  return isDigit(code) || Number.isNaN(code) ? 0 : -1;
}

/** Whether this is the code of an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A name without case and separators. */
export function normalizedName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** The types of JSON Schema (Gemini writes them in capitals). */
const SCHEMA_TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);
const SCHEMA_COMBINATIONS = ["$ref", "anyOf", "oneOf", "allOf"];
/** The members of a schema that describe. `default`, `const`, `enum` and `examples` hold values. */
const SCHEMA_MEMBERS = new Set(
  (
    "type,title,description,format,pattern,minLength,maxLength,minimum,maximum,items,minItems,maxItems,properties," +
    "required,additionalProperties,nullable,deprecated,readOnly,writeOnly"
  )
    .split(",")
    .concat(SCHEMA_COMBINATIONS),
);

/** Whether an object with this member is a schema; `value` is looked at for "type" only. */
export function isOfSchema(name: string, value: unknown): boolean {
  return name === "type"
    ? (Array.isArray(value) ? value : [value]).every(
        (type) => typeof type === "string" && SCHEMA_TYPES.has(type.toLowerCase()),
      )
    : SCHEMA_COMBINATIONS.includes(name);
}

/** Whether this member of a schema describes, so that it is recorded. */
export function isDescription(name: string): boolean {
  return SCHEMA_MEMBERS.has(name);
}
