/** Structured data, as tools and data bases return it: what recording it costs, in times of `JSON.stringify`. */

import { timed } from "./timing.mjs";

const ROWS = 30_000;
const CHAINS = 1000;
const CHAIN_OBJECTS = 25;
const FIELDS = 40;

const many = (count, make) => Array.from({ length: count }, (_, at) => make(at));

/** Objects within objects. */
function chain(at) {
  let value = { id: at, isLast: true };
  for (let depth = 1; depth < CHAIN_OBJECTS; depth++) value = { depth, name: `node ${at}`, next: value };
  return value;
}

/** An object with some three of many fields, others in each row. */
function sparse(at) {
  const row = {};
  for (let field = 0; field < FIELDS; field++) if ((at * 31 + field * 17) % 13 === 0) row[`field${field}`] = at;
  return row;
}

/** The structures by name. Each takes at most 250,000 values, the default limit, so that all of it is recorded. */
const STRUCTURES = {
  "rows of 4 fields": () =>
    many(ROWS, (at) => ({ id: at, name: `item ${at}`, price: at * 0.5, inStock: at % 2 === 0 })),
  "rows of texts": () =>
    many(ROWS, (at) => ({
      title: `The title of document ${at}`,
      url: `https://example.com/documents/${at}`,
      snippet: `Words of the document: some, with a colon, and its number ${at}`,
    })),
  "rows of objects": () =>
    many(ROWS / 3, (at) => ({
      id: at,
      user: { name: `user ${at}`, address: { city: "Bern", zip: String(at) } },
      items: [
        { sku: `a${at}`, count: 1 },
        { sku: "b", count: 2 },
      ],
    })),
  "rows of lists": () => many(ROWS, (at) => [at, at * 2, `x${at}`]),
  deep: () => many(CHAINS, chain),
  wide: () => Object.fromEntries(many(ROWS, (at) => [`item_${at}`, at])),
  sparse: () => many(ROWS, sparse),
  // One object in every place: as data that were read, every other structure has objects of its own.
  repeated: () => {
    const row = { status: "ok", kind: "user", country: "CH", tags: ["a", "b"] };
    return () => many(ROWS, () => row);
  },
  numbers: () => many(3 * ROWS, (at) => at / 3),
  texts: () => many(ROWS, (at) => `item ${at}`),
};

/** A structure with values as a response's body gives them. */
function makeStructure(name) {
  const made = STRUCTURES[name]();
  return typeof made === "function" ? made() : JSON.parse(JSON.stringify(made));
}

/**
 * CPU milliseconds of `JSON.stringify` of each structure, and of a span whose inputs it is, in turns. A program has
 * such a value now and then: each is measured by itself, `warm` times unmeasured.
 */
export async function structures(adapter, { reps, warm }) {
  const peer = await adapter.create({ mode: "drop" });
  let length = 0;
  const ways = {
    jsonMs: (value) => (length += JSON.stringify(value).length),
    spanMs: (value) => peer.end(peer.start(null, "TOOL", "query", value), null),
  };
  const results = {};
  for (const name of Object.keys(STRUCTURES)) {
    const value = makeStructure(name);
    const rows = [];
    for (let at = -warm; at < reps; at++) {
      const row = {};
      for (const [way, work] of Object.entries(ways)) {
        const { cpuMs, wallMs } = await timed(async () => work(value));
        row[way] = cpuMs ?? wallMs;
      }
      if (at >= 0) rows.push(row);
    }
    await peer.drop();
    results[name] = rows;
  }
  return length > 0 ? results : {};
}
