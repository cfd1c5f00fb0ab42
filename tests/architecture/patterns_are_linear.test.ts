/**
 * No regular expression of the API takes more than time in proportion to the length of a text, nor do the scanners
 * that stand where such a pattern would. `patterns.json` lists every pattern, each with texts that it might read
 * again and again: a beginning, a part that is repeated, and an end. A new pattern fails here until it is listed.
 *
 * A text of 32,768 characters that is read in two milliseconds is proof: the square has a billion steps. Else the ratio
 * of the times for a text and for one eight times as long is: 8 if the time is in proportion, 64 if it grows with the
 * square.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { init, setTrackingUri, startSpan } from "mlflow-ag2";
import { CommandLineCodeExecutor, MarkdownCodeExtractor } from "mlflow-ag2/agents/executors";
import { patternsIn } from "./patterns.js";
import { filesBelow, textOf } from "./source.js";

type Attack = readonly [beginning: string, repeated: string, end: string];

const LISTED = JSON.parse(textOf("tests/architecture/patterns.json")) as Record<string, Record<string, Attack[]>>;
const PATTERNS = filesBelow("src/js", ".ts").flatMap((file) => patternsIn(file.slice("src/js/".length), textOf(file)));

/** What the patterns that are built from variables are built from here. */
const SAMPLES: Record<string, unknown> = {
  spellings: ["alice", "alice_b", "bob"],
  source: "b+",
  flags: "gi",
  whole: "",
  object: "args",
  member: "name",
  pattern: "(?:generate|create)_?(?:reply|message)|run(?:_?chat)?",
};

/** Pumped on each pattern besides its own texts. */
const COMMON = [" ", "a", "A", "1", "\\", "/", '"', "\n", "{", "[", "-", ".", "_", "=", ":", "*"];

const PROOF_CHARACTERS = 32_768;
const PROOF_MS = 2;
const LENGTH_RATIO = 8;
/** Halfway, by factors, between proportion and square, and a little more. */
const MAX_RATIO = 28;
const SHORT_CHARACTERS = 1_000;
/** Shorter times say nothing; much longer ones include those of other programs of a busy machine. */
const MIN_LONG_MS = 0.2;
/** The same where each reading records a span. */
const MIN_RECORDED_MS = 3;
const RUNS = 12;
const ATTEMPTS = 5;

/** The time of the processor in milliseconds that the work takes once, which other programs do not make longer. */
function processorMs(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

/** The shortest of several such times. */
function timed(work: () => void): number {
  return Math.min(...Array.from({ length: RUNS }, () => processorMs(work)));
}

/** The ratio of the times for a text and for one eight times as long, of a length at which it can be measured. */
function ratioOf(
  textOfLength: (characters: number) => string,
  read: (text: string) => void,
  minLongMs = MIN_LONG_MS,
): number {
  for (let characters = SHORT_CHARACTERS; ; characters *= 2) {
    const [short, long] = [textOfLength(characters), textOfLength(characters * LENGTH_RATIO)];
    // Engines compile a pattern, and flatten a text, when they are used first.
    read(short);
    read(long);
    const longMs = timed(() => read(long));
    // Such a text is longer than any that is recorded.
    const isLongest = characters * LENGTH_RATIO > 2_000_000;
    if (longMs < minLongMs && !isLongest) continue;
    return (
      longMs /
      Math.max(
        timed(() => read(short)),
        minLongMs / 100,
      )
    );
  }
}

/** Whether a long text is read faster than any pattern could that takes the square of the time. */
function isFast(textOfLength: (characters: number) => string, read: (text: string) => void): boolean {
  const text = textOfLength(PROOF_CHARACTERS);
  // Engines compile a pattern to machine code when it is used again.
  for (let run = 0; run < 3; run += 1) {
    const readMs = processorMs(() => read(text));
    if (readMs < PROOF_MS) return true;
    if (readMs > PROOF_MS * 100) return false;
  }
  return false;
}

/** Whether one of several attempts shows a ratio that is not that of squares: a busy machine disturbs some. */
function isLinear(...measurement: Parameters<typeof ratioOf>): boolean {
  if (isFast(measurement[0], measurement[1])) return true;
  return Array.from({ length: ATTEMPTS }).some(() => ratioOf(...measurement) < MAX_RATIO);
}

function assertLinear(
  name: string,
  attacks: readonly Attack[],
  read: (text: string) => void,
  minLongMs?: number,
): void {
  for (const [beginning, repeated, end] of attacks) {
    const pumped = (characters: number): string =>
      beginning + repeated.repeat(Math.ceil(characters / repeated.length)) + end;
    assert.ok(
      isLinear(pumped, read, minLongMs),
      `${name} reads ${JSON.stringify([beginning, repeated, end])} again and again`,
    );
  }
}

function compiled(source: string): RegExp {
  const expression = source.startsWith("/") ? source : `new ${source}`;
  const compile = new Function(...Object.keys(SAMPLES), `return ${expression}`) as (...samples: unknown[]) => RegExp;
  return compile(...Object.values(SAMPLES));
}

describe("patterns over foreign texts", () => {
  test("are all listed, each with texts that it might read again and again", () => {
    assert.ok(PATTERNS.length > 50);
    const found = PATTERNS.map(({ file, source }) => `${file} ${source}`);
    const listed = Object.entries(LISTED).flatMap(([file, patterns]) =>
      Object.entries(patterns)
        .filter(([, attacks]) => attacks.length > 0)
        .map(([source]) => `${file} ${source}`),
    );
    assert.deepEqual([...new Set(found)].sort(), listed.sort());
  });

  test("would be found out if they took the square of the time", () => {
    const slashes = (characters: number): string => `${"/".repeat(characters)}x`;
    assert.equal(
      isLinear(slashes, (text) => void text.replace(/\/+$/, "")),
      false,
    );
  });

  for (const [file, patterns] of Object.entries(LISTED)) {
    test(`of ${file} take time in proportion to the text`, () => {
      for (const [source, attacks] of Object.entries(patterns)) {
        const pattern = compiled(source);
        const read = (text: string): void => void text.replace(pattern, "");
        const common = COMMON.map((repeated): Attack => ["", repeated, "\0"]);
        assertLinear(source, [...attacks, ...common], read);
      }
    });
  }
});

describe("scanners of foreign texts", () => {
  const fences: readonly Attack[] = [
    ["", "a```\n", ""],
    ["", "```\n", "x"],
    ["```\n", "``` x\n", ""],
    ["", "`", ""],
    ["```", " ", "x"],
    ["```", "a", ""],
    ["```\n", "\n", ""],
    ["```\n", "\n ", "``"],
    ["", "```a\r\n", ""],
    ["", "``` ", ""],
  ];

  test("the search for code blocks takes time in proportion to the text", () => {
    const extractor = new MarkdownCodeExtractor();
    assertLinear("code blocks", fences, (text) => void extractor.extractCodeBlocks(text));
  });

  test("the first comment and the rejected commands of a block are found in time in proportion to it", async () => {
    const attacks: readonly Attack[] = [
      ["#", " ", "x -->"],
      ["# filename: a", " ", "b"],
      ["<!--", " a", "-->"],
      ["mv", " ", "x"],
      ["", "mv ", "x"],
      ["", "mv x\n", " /dev/null"],
      ["mv", " /dev/nul", ""],
      ["", "rm ", ""],
      ["", "> ", ""],
    ];
    await using executor = new CommandLineCodeExecutor();
    // An unknown language after it: nothing is written or run.
    for (const [beginning, repeated, end] of attacks) {
      const run = async (characters: number): Promise<number> => {
        const code = beginning + repeated.repeat(Math.ceil(characters / repeated.length)) + end;
        const begun = performance.now();
        await executor.executeCodeBlocks([{ language: "sh", code: `${code}\n:(){ :|:& };:` }]);
        return performance.now() - begun;
      };
      const ratio = async (): Promise<number> => {
        const short: number[] = [];
        const long: number[] = [];
        for (let at = 0; at < RUNS; at += 1) {
          short.push(await run(SHORT_CHARACTERS * 20));
          long.push(await run(SHORT_CHARACTERS * 20 * LENGTH_RATIO));
        }
        return Math.min(...long) / Math.min(...short);
      };
      let attempts = 1;
      while ((await ratio()) >= MAX_RATIO && attempts < ATTEMPTS) attempts += 1;
      assert.ok(attempts < ATTEMPTS, JSON.stringify([beginning, repeated, end]));
    }
  });

  test("masking takes time in proportion to the text, whatever is in it", () => {
    setTrackingUri("memory:");
    init({ maskKeys: [], maxTextCharacters: 64 << 20, maxValueCharacters: 64 << 20 });
    const attacks: Attack[] = [
      ['{"api_key":"x"} ', "\\", ""],
      ["", "\\", ""],
      ["", '":', ""],
      ["", '"password":', ""],
      ["", '\\":', ""],
      ['{"password":"', '\\"', ""],
      ['{"password":', "\\\\n", ""],
      ["", "token:", " x y"],
      ["token: x", " ", "y"],
      ["", '{"password":{', ""],
      ["", '{"password":{"type":"string",', ""],
      ["", '{"password":[', ""],
      ["", "password=", ""],
      ['"password"', " ", ":"],
      ["", '"password\\":\'', ""],
      ["", '{"token":"a"},', ""],
      ["", "password=-----BEGIN ", ""],
      ["", "\\u0022:", ""],
      ["", "u0022", ""],
      ["cookie: ", 'a="', ""],
      ["", 'x-api-key: \\"', ""],
      ["", "'password':'\\", ""],
      ["", "`token`: ", ""],
      ["", "\\n:", ""],
      ["", "a\\n=", ""],
      ["x".repeat(300), "%41=", ""],
    ];
    // JSON that was made a text again and again: its backslashes double each time.
    const quoted = (characters: number): string => {
      let text = '{"password":"a","b":1}';
      while (text.length < characters) text = JSON.stringify({ a: text });
      return text.slice(0, characters);
    };
    const record = (text: string): void => startSpan({ name: "read", parent: null, inputs: text }).end();
    assertLinear("masking", attacks, record, MIN_RECORDED_MS);
    assert.ok(isLinear(quoted, record, MIN_RECORDED_MS), "JSON in JSON");
  });
});
