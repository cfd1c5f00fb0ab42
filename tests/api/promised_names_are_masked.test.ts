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

/** The name that is secret only by itself, not at the end of another name. */
const WHOLE_NAME = "pwd";

describe("the secret names that docs/privacy.md lists", () => {
  it("are those of the page: fifteen ends of names, and a whole name", () => {
    assert.equal(promisedNames().length, 16);
  });

  for (const name of promisedNames()) {
    it(`${name} is masked`, async () => {
      const isWhole = name === WHOLE_NAME;
      const parted = ["_", "-", ".", " ", "/"].map((mark) => name.replace(/(?=(?:key|token|phrase|word|wd)$)/, mark));
      const spellings = [name, name.toUpperCase(), ...parted, `${name}2`];
      for (const spelling of isWhole ? spellings : spellings.flatMap((end) => [end, `my_${end}`, `my.${end}`])) {
        const json = (value: string): string => JSON.stringify({ [spelling]: value });
        assert.deepEqual(
          await captured({ [spelling]: "sk-123", text: json("sk-123") }),
          { [spelling]: "***", text: json("***") },
          spelling,
        );
      }
      if (isWhole) assert.equal(await isMasked(`my_${name}`), false);
    });
  }

  it("are masked in the plural, but for tokens, which are counts unless their kind says otherwise", async () => {
    for (const name of promisedNames().filter((each) => ![WHOLE_NAME, "token", "authorization"].includes(each)))
      assert.ok(await isMasked(`${name}s`), name);
    for (const kind of ["access", "auth", "refresh", "bearer", "api", "csrf", "xsrf", "security", "bot", "personal"])
      assert.ok(await isMasked(`${kind}_tokens`), kind);
    for (const count of ["max_tokens", "total_tokens", "prompt_tokens", "inputTokens", "tokens", "n_tokens"])
      assert.equal(await isMasked(count), false, count);
  });

  it("do not include the marks that the page names", async () => {
    for (const mark of [
      "eos_token",
      "bosToken",
      "pad-token",
      "next_page_token",
      "nextPageToken",
      "time_to_first_token",
    ])
      assert.equal(await isMasked(mark), false, mark);
    for (const token of ["launchpad_token", "homepage_token", "ipad_token"]) assert.ok(await isMasked(token), token);
  });
});
