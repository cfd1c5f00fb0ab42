/** Words that were replaced by the terms of docs/glossary.md do not return in names, comments, messages and docs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

interface Refused {
  /** Words or phrases in lower case, in all their forms. */
  readonly words: readonly string[];
  /** The terms to use instead. */
  readonly use: string;
  /** Lines that may have the word, since it has another meaning there or is quoted. */
  readonly except?: RegExp;
}

/** Words that no file has. */
const REFUSED: readonly Refused[] = [
  { words: ["house", "houses"], use: "architecture" },
  { words: ["theatre", "theatres"], use: "host" },
  { words: ["twin", "twins"], use: "parity scenario, port" },
  { words: ["flights"], use: "requests in flight" },
  { words: ["finals"], use: "trace infos" },
  { words: ["border", "borders"], use: "boundary, bridge", except: /border(?:-[\w-]+)?: |border-box|bordercolor/i },
  { words: ["verdict", "verdicts"], use: "classification, comparison", except: /every_response_is_classified\.rs/ },
  { words: ["parcel", "parcels"], use: "chunk, batch, record", except: /"parcels"/ },
  { words: ["told"], use: "reported, passed, notified" },
  { words: ["said"], use: "a noun: text, value, message, output" },
  {
    words: ["nobody", "whoever", "anybody", "everybody"],
    use: "the caller, the reader, the program, no listener",
    except: /nobody may speak|\bnobody_(?:can|after)/,
  },
  { words: ["earlier life", "earlier lives"], use: "previous session" },
  { words: ["door", "doors"], use: "bindings" },
  { words: ["cure", "cures", "cured"], use: "fix, help" },
  { words: ["sent ahead"], use: "exported early" },
  { words: ["given out"], use: "handed out" },
  { words: ["kept elsewhere"], use: "persisted" },
  { words: ["guilty"], use: "rejected" },
  { words: ["crowd", "dice"], use: "concurrency, random generator" },
  { words: ["spans by hand", "span by hand"], use: "manual span" },
];

/** Files with recorded or quoted texts: traces of Python, AG2's prompts in scenarios, results of the benchmark. */
const QUOTED = /^tests\/golden\/.*\.(?:json|py)$|^tests\/agents\/scenarios\/|^bench\/RESULTS\.md$/;
/** This list itself. */
const HERE = "tests/architecture/terms.test.ts";
/** The names of native tests, which docs cite. */
const CITED_TESTS = /`tests\/[\w./-]+\.rs`(?:(?:: |, )\*[^*|]+\*)*/g;

const ENDINGS = [".rs", ".ts", ".mjs", ".js", ".py", ".md", ".toml", ".html", ".css"];
const FOLDERS = ["src", "tests", "xtask", "bench", "docs", "www"];
const PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "clippy.toml"];
const everywhere = [...FOLDERS.flatMap((folder) => ENDINGS.flatMap((ending) => filesBelow(folder, ending))), ...PAGES]
  .filter((path) => !QUOTED.test(path) && path !== HERE)
  .toSorted();

/** A line in lower-case words: names in camelCase and snake_case are separated. */
function separated(line: string): string {
  return line
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}

function found({ words, except }: Refused): string[] {
  const pattern = new RegExp(`\\b(?:${words.join("|")})\\b`);
  return everywhere.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, index) => {
        const text = separated(path.endsWith(".md") ? line.replaceAll(CITED_TESTS, "") : line);
        return pattern.test(text) && except?.test(line) !== true ? [`${path}:${index + 1}: ${line.trim()}`] : [];
      }),
  );
}

for (const refused of REFUSED)
  test(`"${refused.words[0]}" is not used (instead: ${refused.use})`, () => {
    assert.deepEqual(found(refused), []);
  });

test("the test finds a word in names, comments and phrases", () => {
  const pattern = /\b(?:parcel|sent ahead)\b/;
  for (const line of ["let parcelCount", "fn parcel_count()", "// A parcel.", "SENT_AHEAD"])
    assert.match(separated(line), pattern, line);
  assert.ok(everywhere.length > 500, `${everywhere.length} files`);
});
