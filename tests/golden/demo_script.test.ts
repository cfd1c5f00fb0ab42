/** The demo's conversation is the one Python's traces were recorded with. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { goldenFolder } from "../support/project.js";
import { CALCULATOR_SCRIPT } from "../../www/scenes/calculator-script.js";

test("the demo's model has the responses of the golden script", () => {
  assert.deepEqual(
    CALCULATOR_SCRIPT,
    JSON.parse(readFileSync(join(goldenFolder, "scripts", "calculator.json"), "utf8")),
  );
});
