/**
 * Execution of code as commands on this machine (AG2: coding/local_commandline_code_executor.py,
 * `LocalCommandLineCodeExecutor`).
 */
/// <reference lib="esnext.disposable" preserve="true" />

import type { CodeBlock } from "./code-blocks.js";
import { CodeExecutor, type CodeResult } from "./code-executor.js";
import { AgentError, messageOf } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { CallContext } from "../types.js";
import { type Host, host } from "./host.js";
import { findDangerousCommand, requestedFileName, LANGUAGES, languageOf, programFor } from "./languages.js";
import { runProgram } from "./run-program.js";

/** Options of `CommandLineCodeExecutor`. */
export interface CommandLineCodeExecutorOptions {
  /** The timeout of one block in milliseconds; not given: 60 000. */
  timeoutMs?: number | undefined;
  /** The folder in which code is stored and run, created if missing; not given: a new temporary one. */
  workDir?: string | undefined;
  /**
   * Whether code of a language is run (true) or only saved to a file (false). Not given: sh, bash, python
   * and javascript are run, html and css saved.
   */
  executionPolicies?: Readonly<Record<string, boolean>> | undefined;
  /** The program and its first arguments for a language, e.g. `{ python: ["venv/bin/python"] }`; the file follows. */
  commands?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The environment variables of the code; not given: those of this program, including any secrets. */
  environment?: Readonly<Record<string, string>> | undefined;
}

const EXECUTOR_OPTIONS: OptionRules<CommandLineCodeExecutorOptions> = {
  timeoutMs: "any",
  workDir: "text",
  executionPolicies: "any",
  commands: "any",
  environment: "any",
};

/** The exit code of Linux' command `timeout`. */
const TIMED_OUT = 124;
/** Messages of the system repeat the name of the file. */
const MAX_REASON_CHARACTERS = 200;

/**
 * An executor that writes each block of code to a file and runs it as a process, in Node.js, Deno or Bun.
 *
 * **The code runs on this machine with all permissions of this program.** The timeout ends it and a
 * few well-known commands are rejected, but that is no protection. For code of models that you do not
 * trust, run the whole program in a container, or extend `CodeExecutor`.
 *
 * @example
 * const executionPolicies = { sh: false, bash: false };
 * await using executor = new CommandLineCodeExecutor({ timeoutMs: 10_000, executionPolicies });
 * const runner = new ConversableAgent({ name: "runner", humanInputMode: "NEVER", codeExecutionConfig: { executor } });
 * await runner.initiateChat(assistant, { message: "Print the first ten primes with Python.", maxTurns: 3 });
 */
export class CommandLineCodeExecutor extends CodeExecutor {
  readonly #options: CommandLineCodeExecutorOptions;
  readonly #host: Host;
  readonly #timeoutMs: number;
  #folder: Promise<string> | undefined;
  #filesMade = 0;

  /** @throws AgentError in hosts that cannot start processes, and for an invalid timeout */
  constructor(options: CommandLineCodeExecutorOptions = {}) {
    super();
    checkOptions("CommandLineCodeExecutor", options, EXECUTOR_OPTIONS);
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    if (!(this.#timeoutMs > 0)) throw new AgentError("invalid_option", "`timeoutMs` must be greater than 0");
    this.#host = host();
  }

  override async executeCodeBlocks(
    codeBlocks: readonly CodeBlock[],
    { signal }: Pick<CallContext, "signal"> = {},
  ): Promise<CodeResult> {
    const folder = await this.#workFolder();
    let output = "";
    let codeFile: string | undefined;
    for (const { language: given, code } of codeBlocks) {
      const language = languageOf(given);
      const failed = (problem: string): CodeResult => ({ exitCode: 1, output: output + problem, codeFile });
      if (!Object.hasOwn(LANGUAGES, language)) return failed(`\nunknown language ${language}`);
      const warning = findDangerousCommand(language, code);
      if (warning !== undefined) return failed(`\nPotentially dangerous command detected: ${warning}`);
      const file = this.#fileFor(folder, language, code);
      if (file === undefined) return failed("\nFilename is not in the workspace");
      const problem = await this.#write(folder, file, code);
      if (problem !== undefined) return failed(`\n${problem}`);
      codeFile ??= file;
      if (!(this.#options.executionPolicies?.[language] ?? LANGUAGES[language]?.isRun)) {
        output += `Code saved to ${file}\n`;
        continue;
      }
      const result = await this.#run(language, file, folder, signal);
      output += result.output;
      if (result.exitCode !== 0) return { exitCode: result.exitCode, output, codeFile };
    }
    return { exitCode: 0, output, codeFile };
  }

  /** Deletes the folder with the files of earlier code, if it is a temporary one. */
  override async restart(): Promise<void> {
    const folder = this.#folder;
    if (this.#options.workDir !== undefined || folder === undefined) return;
    this.#folder = undefined;
    await this.#host.files.rm(await folder, { recursive: true, force: true });
  }

  /** Deletes the temporary folder at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
  }

  #workFolder(): Promise<string> {
    const { files, path, temporaryFolder } = this.#host;
    const make = async (): Promise<string> => {
      const { workDir } = this.#options;
      if (workDir === undefined) return files.mkdtemp(path.join(temporaryFolder(), "agent-code-"));
      await files.mkdir(workDir, { recursive: true });
      return path.resolve(workDir);
    };
    return (this.#folder ??= make());
  }

  /** The file for a block; `undefined` if the block names one outside of the folder. */
  #fileFor(folder: string, language: string, code: string): string | undefined {
    const { path } = this.#host;
    const name = requestedFileName(code);
    if (name === undefined)
      return path.join(folder, `tmp_code_${++this.#filesMade}.${LANGUAGES[language]?.extension ?? language}`);
    const file = path.resolve(folder, name);
    return isBelow(path, folder, file) ? file : undefined;
  }

  /** Writes the file of a block; returns what is wrong with its name, which the code has given. */
  async #write(folder: string, file: string, code: string): Promise<string | undefined> {
    const { files, path } = this.#host;
    try {
      if (await this.#leadsOut(folder, file)) return "Filename is not in the workspace";
      await files.mkdir(path.dirname(file), { recursive: true });
      await files.writeFile(file, code);
      return undefined;
    } catch (error) {
      return `the file cannot be written: ${messageOf(error).slice(0, MAX_REASON_CHARACTERS)}`;
    }
  }

  /** Whether a symbolic link leads out of the folder, or the file is there and is none (a pipe, a device). */
  async #leadsOut(folder: string, file: string): Promise<boolean> {
    const { files, path } = this.#host;
    const root = await files.realpath(folder);
    // From the file up: what does not exist yet leads nowhere.
    for (let at = file; at !== folder; at = path.dirname(at)) {
      const found = await files.lstat(at).catch(ignoreMissing);
      if (found === undefined) continue;
      const target = found.isSymbolicLink() ? await files.realpath(at).catch(ignoreMissing) : at;
      // A link to nowhere would be created there.
      if (target === undefined || (target !== at && !isBelow(path, root, target))) return true;
      const kind = target === at ? found : await files.lstat(target);
      if (!(at === file ? kind.isFile() : kind.isDirectory())) return true;
    }
    return false;
  }

  async #run(
    language: string,
    file: string,
    cwd: string,
    signal: AbortSignal | undefined,
  ): Promise<{ exitCode: number; output: string }> {
    const [program = "", ...first] = this.#options.commands?.[language] ?? programFor(language, this.#host.process);
    const env = this.#options.environment ?? this.#host.process.env;
    const ran = await runProgram(this.#host, program, [...first, file], {
      cwd,
      env,
      timeoutMs: this.#timeoutMs,
      signal,
    });
    if (ran.isTimeout) return { exitCode: TIMED_OUT, output: "\nTimeout" };
    return { exitCode: ran.exitCode, output: ran.stderr + ran.stdout };
  }
}

function isBelow(path: Host["path"], folder: string, file: string): boolean {
  const relativePath = path.relative(folder, file);
  return relativePath !== "" && !relativePath.startsWith("..") && !path.isAbsolute(relativePath);
}

/** `undefined` for a file that does not exist. */
function ignoreMissing(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== "ENOENT") throw error;
}
