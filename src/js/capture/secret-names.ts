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
