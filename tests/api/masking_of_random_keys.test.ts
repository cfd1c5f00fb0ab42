/**
 * Most keys are known to be harmless by their last letters. With a pattern of the program that matches nothing, every
 * key is decided by the whole rule: both ways mask the same. The seed is printed; `MASKING_SEED` repeats it.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { autolog, init, setTrackingUri } from "mlflow-ag2";
import { toolCallTrace } from "./reporting.js";
import { seededNumbers } from "../support/seeded-random.js";

const SEED = Number(process.env["MASKING_SEED"] ?? Date.now() % 2 ** 32);
const TEXTS = 4000;
const NOTHING = /(?!)/;

/** What keys are made of: beginnings and ends of secret names, escapes of their letters, separators, and quotes. */
const PIECES =
  `authorization password passwd passphrase secret credential cookie apikey secretkey key keys token tokens ` +
  `auth access api page eos pwd Token KEY PassWord s S 1 2 0 42 _ - . / x n en ssn SSN employee id pin2 ` +
  `\\u006e \\u0064 \\u0022 \\u00e5 %6e %64 %ab toke%6e= tok%65n= passwor%64= ` +
  `\\n \\t \\ \\\\ " \\" \\\\\\" ' \` : = := => { } [ ] , é å K ß item count name`;
const MARKS = [" ", "\n", "\t", "\u00a0", ":", "=", '":"', "': '", '="'].concat([
  "=sk-1 ",
  ': "sk-2"',
  '\\":\\"sk-3\\"',
  ": sk-4\n",
]);

before(() => {
  setTrackingUri("memory:");
  autolog();
});
after(() => init({ maskKeys: [] }));

function randomTexts(seed: number): string[] {
  const random = seededNumbers(seed);
  const pieces = [...PIECES.split(" "), ...MARKS];
  const pick = (): string => pieces[Math.floor(random() * pieces.length)]!;
  return Array.from({ length: TEXTS }, () => Array.from({ length: 1 + Math.floor(random() * 8) }, pick).join(""));
}

async function captured(value: unknown): Promise<unknown> {
  return (await toolCallTrace(value)).data.spans[0]!.inputs;
}

for (const names of [[], ["ssn", "Employee-Id", "pin2", "x", "é", "42"]]) {
  test(`random keys are masked by the whole rule, with the names [${names.join(", ")}] too`, async (context) => {
    context.diagnostic(`seed ${SEED}`);
    const texts = randomTexts(SEED);
    const values = {
      texts,
      keys: texts.map((text) => ({ [text]: "sk-5" })),
      json: texts.map((text) => JSON.stringify({ list: [{ [text]: "sk-6", n: 1 }] })),
      escaped: texts.map((text) =>
        JSON.stringify({ [text]: "sk-7" }).replace(
          /[a-z]/g,
          (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
        ),
      ),
    };
    init({ maskKeys: names });
    const quick = await captured(values);
    init({ maskKeys: [...names, NOTHING] });
    assert.deepEqual(quick, await captured(values), `MASKING_SEED=${SEED}`);
  });
}
