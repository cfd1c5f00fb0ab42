/** The kill switches: what sets them, what does not, and that one that is not understood never leaves tracing on. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { run } from "../support/child.js";
import { projectRoot } from "../support/project.js";

const PROGRAM = `
  const mlflow = await import("mlflow-ag2");
  mlflow.init({ trackingUri: "memory:" });
  mlflow.autolog();
  for (let call = 0; call < 3; call++) mlflow.withSpan(() => 1, { name: "work" });
  mlflow.init({ trackingUri: "memory:" });
  mlflow.withSpan(() => 1, { name: "work" });
  console.log(JSON.stringify({ isEnabled: mlflow.isEnabled(), started: mlflow.stats().started }));
`;

async function outcome(
  environment: Record<string, string>,
  before = "",
): Promise<{ isEnabled: boolean; started: number; warnings: string[] }> {
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "--eval", before + PROGRAM], {
    cwd: projectRoot,
    environment,
  });
  return {
    ...(JSON.parse(stdout) as { isEnabled: boolean; started: number }),
    warnings: stderr.split("\n").filter((line) => line.includes("invalid_flag")),
  };
}

const ON = { isEnabled: true, started: 4, warnings: [] };
const OFF = { isEnabled: false, started: 0, warnings: [] };
/** As JavaScript, so that values of all types are there. */
const SET = ['"true"', '"TRUE"', '"1"', '"yes"', '"On"', '" true "', '"\\tYES\\n"'];
const UNSET = ['"false"', '"0"', '"No"', '"OFF"', '""', '"   "', '" False "'];
const UNKNOWN = ['"2"', '"disabled"', '"ja"', '"truee"', '"tru e"'];

for (const name of ["MLFLOW_AG2_DISABLED", "OTEL_SDK_DISABLED"]) {
  describe(`the variable ${name}`, () => {
    for (const [values, expected] of [
      [SET, OFF],
      [UNSET, ON],
    ] as const) {
      for (const value of values) {
        test(`= ${value} ${expected === OFF ? "disables tracing" : "changes nothing"}`, async () => {
          assert.deepEqual(await outcome({ [name]: JSON.parse(value) as string }), expected);
        });
      }
    }
    for (const value of UNKNOWN) {
      test(`= ${value} is warned about once, and disables tracing`, async () => {
        const { warnings, ...rest } = await outcome({ [name]: JSON.parse(value) as string });
        assert.deepEqual({ ...rest, warnings: [] }, OFF);
        assert.equal(warnings.length, 1);
        assert.match(warnings[0]!, new RegExp(name));
      });
    }
  });
}

describe("the flag globalThis.MLFLOW_AG2_DISABLED", () => {
  const set = (value: string): string => `globalThis.MLFLOW_AG2_DISABLED = ${value};`;
  for (const value of [...SET, "true", "1", "1n"]) {
    test(`= ${value} disables tracing`, async () => assert.deepEqual((await outcome({}, set(value))).started, 0));
  }
  for (const value of [...UNSET, "false", "0", "null", "undefined"]) {
    test(`= ${value} changes nothing`, async () => assert.deepEqual(await outcome({}, set(value)), ON));
  }
  for (const value of [...UNKNOWN, "{}", "[]", "() => false", "Symbol()", "NaN"]) {
    test(`= ${value} is warned about once, and disables tracing`, async () => {
      const { warnings, ...rest } = await outcome({}, set(value));
      assert.deepEqual({ ...rest, warnings: [] }, OFF);
      assert.equal(warnings.length, 1);
    });
  }
});
