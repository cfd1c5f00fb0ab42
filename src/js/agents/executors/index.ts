/** `mlflow-ag2/agents/executors`: ways to run code that models wrote. None is ever used without being asked for. */

export { CommandLineCodeExecutor, type CommandLineCodeExecutorOptions } from "./command-line.js";
