/** The table "Disabling tracing" of docs/concepts.md is what the package does, and the other pages agree. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { projectRoot } from "../support/project.js";
import { pageText } from "./blocks.js";

const [, section = ""] = pageText("docs/concepts.md").split("## Disabling tracing\n");
const rows = [...section.split("\n\n## ")[0]!.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)];

const MARK = "RESULT ";

/** Whether agents and manual spans are traced after a call or setting, and again after `enable()`. */
async function traced(setting: string): Promise<{ agents: boolean; spans: boolean; afterEnable: boolean }> {
  const [, variable, value] = /^([A-Z0-9_]+)=(.*)$/.exec(setting) ?? [];
  const program = `
    import * as mlflow from "mlflow-ag2";
    const { autolog, disable, enable, shutdown } = mlflow;
    import { ConversableAgent } from "mlflow-ag2/agents";
    import { ScriptedModel } from "mlflow-ag2/agents/testing";
    const client = new ScriptedModel({ responses: [{ content: "a" }, { content: "b" }] });
    const assistant = new ConversableAgent({ name: "assistant", llmConfig: { model: "gpt-4o-mini", client } });
    const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
    const isTraced = async (work) => {
      const { started } = mlflow.stats();
      await work();
      return mlflow.stats().started > started;
    };
    const chat = () => user.initiateChat(assistant, { message: "hi", maxTurns: 1, silent: true });
    autolog();
    ${variable === undefined ? `await (${setting});` : ""}
    const agents = await isTraced(chat);
    const spans = await isTraced(() => mlflow.startSpan({ name: "manual" }).end());
    enable();
    console.log("${MARK}" + JSON.stringify({ agents, spans, afterEnable: await isTraced(chat) }));`;
  const output = await runOrThrow(process.execPath, ["--input-type=module", "-e", program], {
    cwd: projectRoot,
    environment: variable === undefined ? {} : { [variable]: value! },
  });
  return JSON.parse(output.split(MARK)[1]!) as Awaited<ReturnType<typeof traced>>;
}

describe("a row of the table", () => {
  for (const [, setting = "", agents, spans, reverted = ""] of rows)
    test(`is what happens: ${setting}`, async () => {
      assert.deepEqual(await traced(setting), {
        agents: agents === "traced",
        spans: spans === "traced",
        afterEnable: reverted.startsWith("yes"),
      });
    });
});

test("every switch has a row, and README and the migration guide name no other", () => {
  const listed = rows.map(([, setting]) => setting!);
  assert.deepEqual(listed, [
    "autolog({ disable: true })",
    "autolog({ logTraces: false })",
    "disable()",
    "shutdown()",
    "globalThis.MLFLOW_AG2_DISABLED = true",
    "MLFLOW_AG2_DISABLED=true",
    "OTEL_SDK_DISABLED=true",
  ]);
  for (const page of ["README.md", "docs/migration.md"]) {
    const named = [
      ...pageText(page).matchAll(/`((?:disable|autolog)\([^`]*\)|(?:MLFLOW_AG2|OTEL_SDK)_DISABLED=\w+)`/g),
    ];
    const other = named.map(([, setting]) => setting!).filter((setting) => setting !== "autolog()");
    assert.deepEqual(
      other.filter((setting) => !listed.includes(setting) && !setting.includes("library")),
      [],
      page,
    );
    assert.match(pageText(page), /concepts\.md#disabling-tracing/, page);
  }
});
