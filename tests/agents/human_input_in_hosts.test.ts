/** Human input in each host: on the terminal, through a pipe, and in a page. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lineFromPage, startBrowser } from "../support/browser.js";
import { run, runOrThrow } from "../support/child.js";
import { userProject } from "../support/packed-package.js";
import { startPageServer } from "../support/page-server.js";
import { deno } from "../support/project.js";
import { RESULT_MARK, resultIn } from "../support/result.js";

const programs = fileURLToPath(new URL("programs", import.meta.url));

let shared: Promise<string> | undefined;
const project = (): Promise<string> => (shared ??= userProject(programs));

/** Runs a program that reads standard input, in a host. */
const HOSTS = {
  Node: { program: process.execPath, options: [] },
  Deno: { program: deno(), options: ["run", "--no-remote", "--no-lock", "--node-modules-dir=manual", "--no-prompt"] },
};

for (const [host, { program, options }] of Object.entries(HOSTS)) {
  const environment = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

  test(`in ${host}, lines that arrive in one chunk are all replies, one after the other`, async () => {
    const cwd = await project();
    const printed = await runOrThrow(program, [...options, "ask.js"], {
      cwd,
      environment,
      input: "First answer.\r\nZweite Antwort: grüß 🌍\n\nwithout an end",
    });
    assert.deepEqual(resultIn(printed), {
      humanInput: ["First answer.", "Zweite Antwort: grüß 🌍", "", "without an end"],
      error: "missing_human_input",
    });
  });

  test(`in ${host}, a program ends although standard input stays open`, async () => {
    const child = spawn(program, [...options, "ask.js"], {
      cwd: await project(),
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      // Each reply is typed when its question has been printed.
      if (text.includes("conversation: "))
        child.stdin.write(printed.split("conversation: ").length > 2 ? "exit\n" : "Go on.\n");
    });
    const closed = new Promise((resolve) => child.once("close", resolve));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    child.stdin.destroy();
    await closed; // all output has arrived only now
    assert.equal(code, 0);
    assert.deepEqual(resultIn(printed), { humanInput: ["Go on.", "exit"], error: null });
  });
}

test("in Node, a cancelled question leaves the next line to the next question", async () => {
  const { code, stdout, stderr } = await run(process.execPath, ["ask_twice.js"], { cwd: await project(), input: "" });
  assert.equal(code, 0, stderr);
  assert.deepEqual(resultIn(stdout), { first: "called off", second: "missing_human_input" });
});

test("in a page, the person types into a form", async () => {
  const site = await startPageServer(await project());
  const browser = await startBrowser();
  try {
    const line = await lineFromPage(browser, site.page("form.js", ""), RESULT_MARK);
    const question =
      "Replying as user. Provide feedback to helper. " +
      "Press enter to skip and use auto-reply, or type 'exit' to end the conversation: ";
    assert.deepEqual(JSON.parse(line), {
      humanInput: ["I am fine.", "exit"],
      shown: [question, question],
    });
  } finally {
    await browser.close();
    await site.stop();
  }
});
