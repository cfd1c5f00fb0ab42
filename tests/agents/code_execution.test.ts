/** Code in messages: extraction, execution and replies. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CallContext,
  type ChatMessage,
  type CodeExecutionConfig,
  type ConversableAgent,
  UserProxyAgent,
} from "mlflow-ag2/agents";
import { setPrinter } from "mlflow-ag2/agents/console";
import {
  type CodeBlock,
  CodeExecutor,
  type CodeResult,
  generateCodeExecutionReply,
  MarkdownCodeExtractor,
} from "mlflow-ag2/agents/executors";
import { agentWithScript, toolCallStep, plainAgent } from "./agent_fixtures.js";
import { recordReports } from "./recording_observer.js";

setPrinter(() => {});

/** An executor that records its calls. */
class Recording extends CodeExecutor {
  readonly ran: (readonly CodeBlock[])[] = [];
  readonly #result: CodeResult | ((context: CallContext) => Promise<CodeResult>);

  constructor(
    result: CodeResult | ((context: CallContext) => Promise<CodeResult>) = { exitCode: 0, output: "done\n" },
  ) {
    super();
    this.#result = result;
  }

  override executeCodeBlocks(codeBlocks: readonly CodeBlock[], context: CallContext): CodeResult | Promise<CodeResult> {
    this.ran.push(codeBlocks);
    return typeof this.#result === "function" ? this.#result(context) : this.#result;
  }
}

const code = (text: string, language = "python"): string => `\`\`\`${language}\n${text}\n\`\`\``;
const message = (role: string, content: ChatMessage["content"] = "", rest: ChatMessage = {}): ChatMessage => ({
  role,
  content,
  ...rest,
});
const runner = (executor: CodeExecutor, config: Partial<CodeExecutionConfig> = {}): ConversableAgent =>
  plainAgent("user", { codeExecutionConfig: { executor, ...config } });
const languages = (text: string): string[] =>
  new MarkdownCodeExtractor().extractCodeBlocks(text).map(({ language }) => language);

test("code between lines of three backticks is extracted, indented or with other line ends too", () => {
  const extractor = new MarkdownCodeExtractor();
  const scrape = "def scrape(url):\n   import requests\n   return 1";

  assert.deepEqual(extractor.extractCodeBlocks(`Example:\n${code(scrape)}\nTest:\n${code("scrape('x')")}\n`), [
    { language: "python", code: scrape },
    { language: "python", code: "scrape('x')" },
  ]);
  assert.deepEqual(languages(`Example:\n   \`\`\`python\n   x = 1\n   \`\`\`\n`), ["python"]);
  assert.deepEqual(languages(`Example:\n\`\`\` python\nx = 1\n\`\`\`\n`.replaceAll("\n", "\r\n")), ["python"]);
  assert.deepEqual(languages(`Shell:\n${code("echo 'hello world!'", "bash")}\n`), ["bash"]);
  assert.deepEqual(languages("No code block, just `code`."), []);
  assert.deepEqual(extractor.extractCodeBlocks(null), []);
  assert.deepEqual(extractor.extractCodeBlocks([{ type: "text", text: code("x = 1") }]), [
    { language: "python", code: "x = 1" },
  ]);
});

test("code without a language is guessed to be Python or a command, else unknown", () => {
  assert.deepEqual(languages(code('print("hello extract code")', "")), ["python"]);
  assert.deepEqual(languages(code("pip install requests", "")), ["sh"]);
  assert.deepEqual(languages(code("python3 main.py", "")), ["sh"]);
  assert.deepEqual(
    languages(
      code(
        'using System;\nclass Program\n{\n    static void Main()\n    {\n        Console.WriteLine("Hello");\n    }\n}',
        "",
      ),
    ),
    [""],
  );
});

test("the reply has the exit code and the output of the code", async () => {
  const executor = new Recording();
  const failing = new Recording({ exitCode: 3, output: "it broke" });

  assert.equal(
    await runner(executor).generateReply({ messages: [message("user", code("print(1)"))] }),
    "exitcode: 0 (execution succeeded)\nCode output: done\n",
  );
  assert.equal(
    await runner(failing).generateReply({ messages: [message("user", code("print(1)"))] }),
    "exitcode: 3 (execution failed)\nCode output: it broke",
  );
  assert.deepEqual(executor.ran, [[{ language: "python", code: "print(1)" }]]);
});

test("without a configuration code is not run", async () => {
  const agent = plainAgent("user");

  assert.equal(agent.codeExecutor, undefined);
  assert.equal(await agent.generateReply({ messages: [message("user", code("print(1)"))] }), undefined);
  assert.equal(new UserProxyAgent({ name: "proxy" }).codeExecutor, undefined);
});

test("all messages since the agent last spoke are searched, newest first", async () => {
  const executor = new Recording();
  const agent = runner(executor);
  const messages = [
    message("user", code("old")),
    message("assistant", "I spoke."),
    message("user", code("one")),
    message("user", code("two")),
    message("user", "Run it."),
    message("user", null),
  ];

  await agent.generateReply({ messages });
  await agent.generateReply({
    messages: [message("user", code("old")), message("assistant", "I spoke."), message("user", "No code.")],
  });

  assert.deepEqual(
    executor.ran.map((blocks) => blocks.map(({ code }) => code)),
    [["two"]],
  );
});

test("with lastNMessages that number of messages is searched, from both sides", async () => {
  const executor = new Recording();
  const messages = [message("assistant", code("first")), message("user", "second"), message("user", "third")];

  for (const lastNMessages of [0, 2, 3, 10]) await runner(executor, { lastNMessages }).generateReply({ messages });

  assert.equal(executor.ran.length, 2);
});

test("an invalid configuration is rejected with its fix", () => {
  const agent = (codeExecutionConfig: unknown): ConversableAgent =>
    plainAgent("user", { codeExecutionConfig: codeExecutionConfig as never });

  assert.throws(() => agent({}), {
    code: "invalid_option",
    message: /needs an `executor` that extends `CodeExecutor`/,
  });
  assert.throws(() => agent({ executor: { executeCodeBlocks: () => {} } }), { code: "invalid_option" });
  for (const lastNMessages of [-1, 1.5, "all"]) {
    assert.throws(() => agent({ executor: new Recording(), lastNMessages }), {
      code: "invalid_option",
      message: /`lastNMessages`.* whole number or "auto"/,
    });
  }
});

test("tools are tried before code, and code before the model", async () => {
  const executor = new Recording();
  const { agent, model } = agentWithScript("both", ["From the model."], {
    codeExecutionConfig: { executor },
    functionMap: { tool: () => "from the tool" },
  });
  const call = { id: "call_1", type: "function", function: { name: "tool", arguments: "{}" } };

  const answered = await agent.generateReply({ messages: [message("user", code("print(1)"), { tool_calls: [call] })] });
  assert.equal((answered as ChatMessage).content, "from the tool");
  assert.match(String(await agent.generateReply({ messages: [message("user", code("print(1)"))] })), /^exitcode: 0/);
  assert.equal(await agent.generateReply({ messages: [message("user", "No code.")] }), "From the model.");
  assert.equal(
    await agent
      .generateReply({ messages: [message("user", code("print(1)"))], exclude: [generateCodeExecutionReply] })
      .catch(() => "asked"),
    "asked",
  );
  assert.equal(model.requests.length, 2);
});

test("an execution is a scope below the reply, with the code and its result", async () => {
  const executor = new Recording(async ({ scope, agent }) => ({
    exitCode: 0,
    output: `${scope?.kind} of ${agent.name}`,
  }));
  const { agent: writer } = agentWithScript("writer", [code("1"), "Thanks."]);

  const recorded = await recordReports(() => runner(executor).initiateChat(writer, { message: "Write.", maxTurns: 2 }));

  assert.deepEqual(
    recorded.starts("codeExecution").map(({ blocks }) => blocks),
    [[{ language: "python", code: "1" }]],
  );
  assert.deepEqual(recorded.ends("codeExecution"), [{ exitCode: 0, output: "codeExecution of user" }]);
  assert.ok(recorded.lines.includes("start codeExecution of user in reply of user"));
});

test("an error of an executor ends the chat and fails its scope", async () => {
  const error = new Error("no machine left");
  const agent = runner(new Recording(() => Promise.reject(error)));

  const recorded = await recordReports(() => agent.generateReply({ messages: [message("user", code("1"))] }));

  assert.deepEqual(recorded.failures.slice(0, 1), [["codeExecution of user", error]]);
});

test("a signal ends an executor that ignores it", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const agent = runner(new Recording(() => (controller.abort(reason), new Promise(() => {}))));

  await assert.rejects(
    agent.generateReply({ messages: [message("user", code("1"))], context: { signal: controller.signal } }),
    (thrown) => thrown === reason,
  );
});

test("an executor may have its own extractor of code", async () => {
  class Shouting extends Recording {
    override readonly codeExtractor = {
      extractCodeBlocks: (content: unknown) => [{ language: "text", code: String(content).toUpperCase() }],
    };
  }
  const executor = new Shouting();

  await runner(executor).generateReply({ messages: [message("user", "run me")] });

  assert.deepEqual(executor.ran, [[{ language: "text", code: "RUN ME" }]]);
});

test("it is printed on the terminal as in Python, unless silent", async () => {
  const printed: string[] = [];
  const undo = setPrinter((text) => void printed.push(text));
  const announce = (silent: boolean, text: string): Promise<unknown> =>
    plainAgent("user", { silent, codeExecutionConfig: { executor: new Recording() } }).generateReply({
      messages: [message("user", text)],
    });
  try {
    await announce(true, code("1"));
    await announce(false, code("1"));
    await announce(false, `${code("1")}\n${code("2", "sh")}`);
  } finally {
    undo();
  }
  assert.deepEqual(printed, [
    "\n>>>>>>>> EXECUTING CODE BLOCK (inferred language is python)...",
    "\n>>>>>>>> EXECUTING 2 CODE BLOCKS (inferred languages are [python, sh])...",
  ]);
});

test("an agent that runs code still responds to tool calls of a model", async () => {
  const { agent: helper } = agentWithScript("helper", [toolCallStep("tool"), code("print(1)"), "Done."]);
  const executor = new Recording();
  const user = plainAgent("user", { codeExecutionConfig: { executor }, functionMap: { tool: () => "ok" } });
  helper.registerForLlm({ name: "tool", description: "A tool" })(() => "ok");

  const { chatHistory } = await user.initiateChat(helper, { message: "Go.", maxTurns: 3 });

  assert.deepEqual(
    chatHistory.map(({ content }) => content),
    ["Go.", null, "ok", code("print(1)"), "exitcode: 0 (execution succeeded)\nCode output: done\n", "Done."],
  );
});
