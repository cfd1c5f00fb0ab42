/** Every secret name that docs/privacy.md lists is masked, in objects and in JSON text, whatever its spelling. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { autolog, setTrackingUri } from "mlflow-ag2";
import { projectRoot } from "../support/project.js";
import { toolCallTrace } from "./reporting.js";

before(() => {
  setTrackingUri("memory:");
  autolog();
});

/** The names in the paragraph of the page that lists them: those in backticks that are words. */
function promisedNames(): string[] {
  const page = readFileSync(join(projectRoot, "docs/privacy.md"), "utf8");
  const list = page.split("\n\n").find((part) => part.includes("`apikey`") && part.includes("`passphrase`")) ?? "";
  return [...new Set([...list.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!))];
}

async function captured(value: unknown): Promise<unknown> {
  return (await toolCallTrace(value)).data.spans[0]!.inputs;
}

async function isMasked(key: string): Promise<boolean> {
  const inputs = (await captured({ [key]: "sk-123" })) as Record<string, unknown>;
  return inputs[key] === "***";
}

/** Names that are secret only by themselves, not at the end of another name. */
const WHOLE_NAMES = ["token", "pwd"];

describe("the secret names that docs/privacy.md lists", () => {
  it("are those of the page: thirteen ends of names, twelve kinds of tokens, and two whole names", () => {
    assert.equal(promisedNames().length, 27);
  });

  for (const name of promisedNames()) {
    it(`${name} is masked`, async () => {
      // A kind of token is secret before that word, every other name by itself.
      const key = (await isMasked(name)) ? name : `${name}token`;
      const isWhole = WHOLE_NAMES.includes(name);
      const parted = ["_", "-", "."].map((mark) => key.replace(/(?=(?:key|token|phrase|word|wd)$)/, mark));
      const spellings = [key, key.toUpperCase(), ...parted];
      for (const spelling of isWhole ? spellings : spellings.flatMap((end) => [end, `my_${end}`])) {
        const json = (value: string): string => JSON.stringify({ [spelling]: value });
        assert.deepEqual(
          await captured({ [spelling]: "sk-123", text: json("sk-123") }),
          { [spelling]: "***", text: json("***") },
          spelling,
        );
      }
      if (isWhole) assert.equal(await isMasked(`my_${key}`), false);
    });
  }

  it("are masked in the plural where the page says so: keys of an API, secrets and credentials", async () => {
    for (const key of ["apiKeys", "client_secrets", "credentials"]) assert.ok(await isMasked(key), key);
  });
});
