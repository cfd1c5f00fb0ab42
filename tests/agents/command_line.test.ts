/** The executor that runs code as commands on this machine. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, test } from "node:test";
import { setPrinter } from "mlflow-ag2/agents/console";
import {
  type CodeBlock,
  CommandLineCodeExecutor,
  type CommandLineCodeExecutorOptions,
} from "mlflow-ag2/agents/executors";
import { temporaryFolder } from "../support/folder.js";
import { plainAgent } from "./agent_fixtures.js";

setPrinter(() => {});

const executors: CommandLineCodeExecutor[] = [];
after(() => Promise.all(executors.map((executor) => executor.restart())));

function executor(options?: CommandLineCodeExecutorOptions): CommandLineCodeExecutor {
  const made = new CommandLineCodeExecutor(options);
  executors.push(made);
  return made;
}

const block = (language: string, code: string): CodeBlock => ({ language, code });

test("Python, JavaScript and shell scripts run, under any of their names", async () => {
  const hello: [string, string][] = [
    ["python", "import sys; print('hello world!')"],
    ["Python", "print('hello world!')"],
    ["py", "print('hello world!')"],
    ["javascript", "console.log('hello world!')"],
    ["js", "console.log('hello world!')"],
    ["bash", "echo 'hello world!'"],
    ["sh", "echo 'hello world!'"],
    ["shell", "echo 'hello world!'"],
  ];
  for (const [language, code] of hello) {
    const { exitCode, output, codeFile } = await executor().executeCodeBlocks([block(language, code)]);
    assert.deepEqual([exitCode, output], [0, "hello world!\n"], language);
    assert.equal(readFileSync(codeFile ?? "", "utf8"), code);
  }
});

test("blocks run in order in one folder, up to the first that fails", async () => {
  const blocks = [
    block("sh", "echo one; echo kept > kept.txt"),
    block("python", "print(open('kept.txt').read().strip())"),
    block("sh", "echo two >&2; exit 3"),
    block("sh", "echo never"),
  ];

  const { exitCode, output } = await executor().executeCodeBlocks(blocks);

  assert.deepEqual([exitCode, output], [3, "one\nkept\ntwo\n"]);
});

test("files of earlier executions exist until a restart, which deletes them", async () => {
  const own = executor();
  const { codeFile } = await own.executeCodeBlocks([block("sh", "echo 1 > state.txt")]);
  assert.equal((await own.executeCodeBlocks([block("sh", "cat state.txt")])).output, "1\n");

  await own.restart();

  assert.equal(existsSync(dirname(codeFile ?? assert.fail())), false);
  assert.notEqual((await own.executeCodeBlocks([block("sh", "cat state.txt")])).exitCode, 0);
});

test("code that does not end is killed, with its child processes", async () => {
  const workDir = temporaryFolder("work");
  const own = executor({ timeoutMs: 300, workDir });

  const { exitCode, output } = await own.executeCodeBlocks([
    block("sh", "(sleep 1; echo late > late.txt) & sleep 10"),
    block("sh", "echo never"),
  ]);

  assert.deepEqual([exitCode, output], [124, "\nTimeout"]);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(existsSync(join(workDir, "late.txt")), false);
});

test("a signal ends the code with the signal's own reason", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();

  const run = executor().executeCodeBlocks([block("sh", "sleep 10")], { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);

  await assert.rejects(run, (error) => error === reason);
});

test("a file name in the first line is used, with or without the keyword", async () => {
  const named: [language: string, code: string, file: string][] = [
    ["python", "# filename: test.py\nprint('hello')", "test.py"],
    ["python", "# test.py\nprint('hello')", "test.py"],
    ["javascript", "// filename: test.js\nconsole.log('hello')", "test.js"],
    ["css", "/* filename: test.css */\nh1 {}", "test.css"],
    ["html", "<!-- test.html -->\n<h1>hello</h1>", "test.html"],
    ["sh", "# filename: sub/test.sh\necho hello", "test.sh"],
  ];
  for (const [language, code, file] of named) {
    const { exitCode, codeFile } = await executor().executeCodeBlocks([block(language, code)]);
    assert.deepEqual([exitCode, basename(codeFile ?? "")], [0, file]);
  }
  const { codeFile } = await executor().executeCodeBlocks([block("python", "# Adds two numbers.\nprint(1 + 1)")]);
  assert.match(basename(codeFile ?? ""), /^tmp_code_1\.py$/, "a remark is no name");
});

test("a file outside the folder is rejected", async () => {
  for (const name of ["../escape.py", "/tmp/escape.py", "a/../../escape.py"]) {
    const { exitCode, output } = await executor().executeCodeBlocks([block("python", `# filename: ${name}\nprint(1)`)]);
    assert.deepEqual([exitCode, output], [1, "\nFilename is not in the workspace"], name);
  }
});

test("a file name that no file can have is a result, not an error", async () => {
  const workDir = temporaryFolder("code");
  const elsewhere = temporaryFolder("elsewhere");
  const outside = join(elsewhere, "outside.sh");
  writeFileSync(join(workDir, "a-file"), "");
  symlinkSync(elsewhere, join(workDir, "link"));
  symlinkSync(outside, join(workDir, "to-nothing.sh"));
  symlinkSync("/dev/null", join(workDir, "device.sh"));
  mkdirSync(join(workDir, "folder.sh"));
  symlinkSync(join(workDir, "link"), join(workDir, "link-to-link"));
  const saving = executor({ workDir, executionPolicies: { sh: false } });
  for (const name of [
    `${"a".repeat(5000)}.sh`,
    `${"b/".repeat(3000)}b.sh`,
    `deep/${"c".repeat(300)}/d.sh`,
    "a\0b.sh",
    "\0",
    "link/outside.sh",
    "link/deeper/outside.sh",
    "link-to-link/outside.sh",
    "to-nothing.sh",
    "device.sh",
    "folder.sh",
    "a-file/b.sh",
    "../outside.sh",
    outside,
    "x/../../outside.sh",
    ".",
    "/",
  ]) {
    const { exitCode, output } = await saving.executeCodeBlocks([block("sh", `# filename: ${name}\necho`)]);
    const what = JSON.stringify(name.slice(0, 60));
    assert.equal(exitCode, 1, what);
    assert.match(output, /not in the workspace|cannot be written/, what);
    assert.ok(output.length < 500, what);
  }
  assert.deepEqual(readdirSync(elsewhere), []);
  symlinkSync("real", join(workDir, "inside"));
  mkdirSync(join(workDir, "real"));
  const { exitCode } = await saving.executeCodeBlocks([block("sh", "# filename: inside/f.sh\necho")]);
  assert.deepEqual([exitCode, readdirSync(join(workDir, "real"))], [0, ["f.sh"]]);
});

test("a program that no process can have, and a language of objects' own names, are results too", async () => {
  const workDir = temporaryFolder("code");
  const commands = { sh: ["s\0h"] };
  const failing = executor({ workDir, commands, environment: { NAME: "a\0b" } });
  for (const language of ["sh", "bash", "constructor", "__proto__", "toString"]) {
    const { exitCode } = await failing.executeCodeBlocks([block(language, "echo")]);
    assert.notEqual(exitCode, 0, language);
  }
});

test("execution policies determine which languages are run and which only saved", async () => {
  for (const [language, code] of [
    ["python", "print('hello')"],
    ["bash", "echo hello"],
    ["html", "<p>"],
    ["javascript", "console.log('hello')"],
  ] as const) {
    const saving = executor({ executionPolicies: { python: false, bash: false, javascript: false } });
    const { exitCode, output, codeFile } = await saving.executeCodeBlocks([block(language, code)]);
    assert.equal(exitCode, 0);
    assert.equal(output, `Code saved to ${codeFile}\n`);
    assert.equal(readFileSync(codeFile ?? "", "utf8"), code);
  }
});

test("an unknown language and a missing program are reported", async () => {
  assert.deepEqual(await executor().executeCodeBlocks([block("cobol", "DISPLAY 'HELLO'.")]), {
    exitCode: 1,
    output: "\nunknown language cobol",
    codeFile: undefined,
  });
  const { exitCode, output } = await executor({ commands: { python: ["no-such-program"] } }).executeCodeBlocks([
    block("python", "print(1)"),
  ]);
  assert.equal(exitCode, 127);
  assert.match(output, /^cannot start `no-such-program`/);
});

test("well-known dangerous commands are rejected in shell scripts", async () => {
  const dangers: [code: string, message: string][] = [
    ["rm -rf /", "Use of 'rm -rf' command is not allowed."],
    ["mv myFile /dev/null", "Moving files to /dev/null is not allowed."],
    ["dd if=/dev/zero of=/dev/sda", "Use of 'dd' command is not allowed."],
    ["echo Hello > /dev/sda", "Overwriting disk blocks directly is not allowed."],
    [":(){ :|:& };:", "Fork bombs are not allowed."],
  ];
  for (const [code, message] of dangers) {
    assert.deepEqual(await executor().executeCodeBlocks([block("bash", code)]), {
      exitCode: 1,
      output: `\nPotentially dangerous command detected: ${message}`,
      codeFile: undefined,
    });
  }
});

test("the environment of the code can be set", async () => {
  const { output } = await executor({
    environment: { PATH: process.env["PATH"] ?? "", GREETING: "hello" },
  }).executeCodeBlocks([block("sh", "echo $GREETING${HOME:+ leaked}")]);

  assert.equal(output, "hello\n");
});

test("endless output of a program is truncated", async () => {
  const { output } = await executor({ timeoutMs: 120_000 }).executeCodeBlocks([
    block("python", "print('x' * 3_000_000)"),
  ]);

  assert.equal(output.length, 1_000_000);
});

test("an agent runs the code in a message", async () => {
  const agent = plainAgent("user_proxy", { codeExecutionConfig: { executor: executor() } });

  const reply = await agent.generateReply({
    messages: [{ role: "user", content: 'Example:\n```python\nprint("hello extract code")\n```\n' }],
  });

  assert.equal(reply, "exitcode: 0 (execution succeeded)\nCode output: hello extract code\n");
});

test("an invalid timeout is rejected", () => {
  assert.throws(() => new CommandLineCodeExecutor({ timeoutMs: 0 }), { code: "invalid_option" });
});
