/**
 * The class of agents, whose behaviour is in the modules that it imports (AG2: agentchat/conversable_agent.py,
 * `ConversableAgent`).
 */

import type { Agent, CallContext, ContextOption, DeliveryOptions, GenerateReplyOptions } from "../types.js";
import type { ConversableAgentOptions, HumanInputMode, TerminationFunction } from "./agent-options.js";
import { checkedDelivery, checkedGenerateReply } from "./call-options.js";
import { type AgentState, agentState } from "./agent-state.js";
import { type Carryover, withCarryover } from "../chat/carryover.js";
import { initiateChat, type InitiateChatOptions } from "../chat/chat.js";
import { type ChatQueueEntry, type ChatWithId, resolveSenders } from "../chat/chat-queue.js";
import type { ChatResult } from "../chat/chat-result.js";
import { runChats, type InitiateChatsOptions } from "../chat/chats.js";
import { type DefaultReplyFunctions, defaultReplyFunctions } from "./default-replies.js";
import { codeReplyOf } from "../executors/code-execution-config.js";
import type { CodeExecutor } from "../executors/code-executor.js";
import { reply, showMessage, receiveMessage } from "./conversation.js";
import { AgentError } from "../util/errors.js";
import { createAgentState, MAX_CONSECUTIVE_AUTO_REPLY } from "./create-agent-state.js";
import { type FunctionReturn, type HookableMethod, type Hooks, prepareMessages } from "./hooks.js";
import { defaultHumanInput, askHuman, type HumanInputFunction } from "./human-input.js";
import type { LlmConfig } from "../models/llm-config.js";
import type { ChatMessage, FunctionCall, MessageContent, MessageInput } from "../message/message.js";
import { contentText, invalidMessage } from "../message/message.js";
import { notify, OBSERVERS_SYMBOL, withScope } from "../observe/observer.js";
import type { OpenAIWrapper } from "../models/openai-wrapper.js";
import type { RegisterReplyOptions, ReplyFunction, ReplyTrigger } from "./reply-chain.js";
import { ReplyScope, runOperation } from "../observe/scope.js";
import { DEFAULT_SUMMARY_PROMPT } from "../chat/summary.js";
import { executeFunction } from "../tools/tool-execution.js";
import type { Tool, ToolFunction } from "../tools/tool.js";
import type { ArgumentsOf, JsonSchema, ToolParameters } from "../schema/schema.js";
import type { RegisterForExecutionOptions, RegisterForLlmOptions } from "../tools/tool-registration.js";
import {
  registerForExecution,
  registerAll,
  registerForLlm,
  checkForExecution,
  checkForLlm,
  setTools,
  updateSignature,
} from "../tools/tool-registration.js";
import type { UsageSummary } from "../models/usage.js";

/**
 * An agent that replies to messages by a person, by tools, by a model, or by functions of your own, in
 * the order of its reply functions.
 *
 * @example
 * const options = { llmConfig, humanInputMode: "NEVER" } as const;
 * const cathy = new ConversableAgent({ name: "cathy", systemMessage: "You are a stand-up comedian.", ...options });
 * const joe = new ConversableAgent({ name: "joe", systemMessage: "You are her partner.", ...options });
 * const { chatHistory, cost } = await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 });
 */
export class ConversableAgent implements Agent {
  /** The default limit of consecutive automatic replies. */
  static readonly MAX_CONSECUTIVE_AUTO_REPLY: number = MAX_CONSECUTIVE_AUTO_REPLY;
  /** The default prompt for summaries by a model. */
  static readonly DEFAULT_SUMMARY_PROMPT: string = DEFAULT_SUMMARY_PROMPT;
  /** The reply functions that every agent starts with, in the order in which they are tried. */
  static readonly replyFunctions: DefaultReplyFunctions = defaultReplyFunctions;

  /** The agent's name: unique in a group chat, and without white space if the agent has a model. */
  declare readonly name: string;
  /** The description for other agents. */
  declare description: string;
  /** The times at which a person is asked. */
  declare humanInputMode: HumanInputMode;
  /** Whether the agent's messages are kept off the terminal; undefined: as set for each chat. */
  declare silent: boolean | undefined;
  /** Values for system messages and tools: the object of the options itself. */
  declare readonly contextVariables: Record<string, unknown>;
  /** The internal state. @internal */
  declare readonly [agentState]: AgentState;
  readonly #isTerminationMsg: TerminationFunction;
  readonly #getHumanInput: HumanInputFunction;

  /** Marks agents as reporting their own operations, so that no instrumentation reports them again. @internal */
  get [OBSERVERS_SYMBOL](): true {
    return true;
  }

  /** @throws AgentError if options contradict each other */
  constructor(options: ConversableAgentOptions) {
    this[agentState] = createAgentState(options);
    const { name, codeExecutionConfig } = options;
    this.name = name;
    this.description = options.description ?? contentText(this[agentState].systemMessage.content);
    this.humanInputMode = options.humanInputMode ?? "TERMINATE";
    this.silent = options.silent;
    this.contextVariables = options.contextVariables ?? {};
    this.#isTerminationMsg = options.isTerminationMsg ?? ((message) => contentText(message.content) === "TERMINATE");
    this.#getHumanInput = options.getHumanInput ?? defaultHumanInput;
    const replyFunctions = Object.values(ConversableAgent.replyFunctions) as ReplyFunction[];
    for (const replyFunction of replyFunctions.reverse()) this.registerReply(() => true, replyFunction);
    // Code is run before a model is asked.
    if (codeExecutionConfig) this.registerReply(() => true, codeReplyOf(codeExecutionConfig), { position: 3 });
    for (const update of [options.updateAgentStateBeforeReply ?? []].flat())
      this.registerHook("updateAgentState", "hook" in update ? update.hook : update);
    this.registerFunction(options.functionMap ?? {});
    registerAll(this, [options.functions ?? []].flat());
    notify((observer) => observer.agentCreated?.(this));
  }

  /** The system message for the model. */
  get systemMessage(): MessageContent {
    return this[agentState].systemMessage.content ?? null;
  }

  /** Replaces the system message for the model. */
  updateSystemMessage(systemMessage: MessageContent): void {
    this[agentState].systemMessage = { content: systemMessage, role: "system" };
  }

  /** The models that the agent may call, with their tools. */
  get llmConfig(): LlmConfig | false {
    return this[agentState].llmConfig;
  }

  /** The client of the models; replaced whenever tools are registered. */
  get client(): OpenAIWrapper | undefined {
    return this[agentState].client;
  }

  /** The conversations, by the other agent. */
  get chatMessages(): ReadonlyMap<Agent, ChatMessage[]> {
    return this[agentState].history.conversations;
  }

  /** The messages for a summary of the conversation with `agent`. */
  chatMessagesForSummary(agent: Agent): ChatMessage[] {
    return this[agentState].history.with(agent);
  }

  /** The newest message exchanged with `agent`, which may be omitted if there is only one conversation. */
  lastMessage(agent?: Agent): ChatMessage | undefined {
    return this[agentState].history.last(agent);
  }

  /** Clears the conversation with `recipient`, or all but the newest messages of every conversation. */
  clearHistory(recipient?: Agent, nrMessagesToPreserve?: number): void {
    this[agentState].history.clear(recipient, nrMessagesToPreserve);
  }

  /** Clears conversations, counts and usage, and restores the configs of reply functions. */
  reset(): void {
    const { replies, autoReplies, client } = this[agentState];
    this.clearHistory();
    autoReplies.resetAll();
    this.stopReplyAtReceive();
    client?.clearUsageSummary();
    replies.reset();
  }

  /** Stops replies to `sender`, or to all agents, until the next chat starts. */
  stopReplyAtReceive(sender?: Agent): void {
    const { replyAtReceive } = this[agentState];
    if (sender === undefined) replyAtReceive.clear();
    else replyAtReceive.set(sender, false);
  }

  /** The limit of consecutive automatic replies, to `sender` or in general. */
  maxConsecutiveAutoReply(sender?: Agent): number {
    return this[agentState].autoReplies.limit(sender);
  }

  /** Sets the limit of consecutive automatic replies, to `sender` or to all agents. */
  updateMaxConsecutiveAutoReply(value: number, sender?: Agent): void {
    this[agentState].autoReplies.setLimit(value, sender);
  }

  /** Resets the count of consecutive replies to `sender`, or to all agents. */
  resetConsecutiveAutoReplyCounter(sender?: Agent): void {
    if (sender === undefined) this[agentState].autoReplies.resetAll();
    else this[agentState].autoReplies.reset(sender);
  }

  /** Whether `message` ends the conversation. */
  async isTerminationMsg(message: ChatMessage, context: CallContext): Promise<boolean> {
    return withScope(context?.scope, () => this.#isTerminationMsg(message, context));
  }

  /** Gets a reply from a person. Override it, or use the option of the same name, to ask elsewhere. */
  async getHumanInput(prompt: string, context: CallContext): Promise<string> {
    return this.#getHumanInput(prompt, context);
  }

  /**
   * Sends `message` to `recipient`; resolves when the recipient has handled it, with all replies that follow.
   *
   * @throws AgentError if the message is invalid
   */
  async send(message: MessageInput, recipient: Agent, options: DeliveryOptions = {}): Promise<void> {
    const { requestReply, silent, context } = checkedDelivery("send", options, recipient);
    const { hooks, history } = this[agentState];
    const isSilent = silent ?? context?.silent ?? false;
    const hookContext = this.#context(context, recipient, isSilent);
    let hooked = message;
    for (const hook of hooks.of("processMessageBeforeSend")) {
      const details = { sender: this, message: hooked, recipient, silent: hookContext.silent ?? isSilent };
      hooked = await hook(details, hookContext);
    }
    if (!history.append(hooked, recipient, "assistant", this.name)) throw invalidMessage("the message to send");
    await recipient.receive(hooked, this, { requestReply, silent: isSilent, context });
  }

  /**
   * Receives a message of `sender`, and replies if a reply is requested.
   *
   * @throws AgentError if the message is invalid
   */
  async receive(message: MessageInput, sender: Agent, options: DeliveryOptions = {}): Promise<void> {
    const { requestReply, silent, context } = checkedDelivery("receive", options);
    const { history, replyAtReceive } = this[agentState];
    const isSilent = silent ?? context?.silent ?? false;
    const parent = receiveMessage(this, message, sender, context);
    await showMessage(this, message, sender, isSilent, context?.scope);
    if (!(requestReply ?? replyAtReceive.get(sender) ?? false)) return;
    await reply(this, sender, history.with(sender), parent, { silent: isSilent, signal: context?.signal });
  }

  /**
   * Makes the agent's reply to a conversation, without sending it; `undefined` for none. Overrides should
   * pass on `options.context`.
   *
   * @throws AgentError without messages and sender
   */
  async generateReply(options: GenerateReplyOptions): Promise<string | ChatMessage | undefined> {
    const { messages, sender, exclude = [], context } = checkedGenerateReply(options);
    if (messages === undefined && sender === undefined) {
      throw new AgentError("missing_sender", "there is nothing to reply to: give `messages` or `sender`");
    }
    const { hooks, history, replies, defaultAutoReply } = this[agentState];
    const given = messages ?? history.with(sender as Agent);
    const make = async (scope: ReplyScope): Promise<string | ChatMessage | undefined> => {
      context?.signal?.throwIfAborted();
      const inner = { ...this.#context(context, sender), scope };
      const prepared = await prepareMessages(hooks, this, given, inner);
      const [isFinal, result] = await replies.run(this, prepared, sender, exclude, inner);
      return (isFinal ? result : defaultAutoReply) ?? undefined;
    };
    const { scope } = context ?? {};
    if (scope instanceof ReplyScope && scope.claim(this)) return make(scope);
    const own = new ReplyScope(this, sender, given, scope);
    own.claim(this);
    return runOperation(
      own,
      () => make(own),
      (result) => ({ reply: result }),
    );
  }

  /**
   * Runs a chat with `recipient`, until one of the two has no reply, or `maxTurns` is reached.
   *
   * @throws AgentError for invalid options, and errors of the model and of reply functions
   */
  async initiateChat(recipient: ConversableAgent, options: InitiateChatOptions = {}): Promise<ChatResult> {
    return initiateChat(this, recipient, options);
  }

  /** Runs several chats, with this agent as the default sender: see the function `initiateChats`. */
  initiateChats(chatQueue: readonly ChatWithId[], options?: InitiateChatsOptions): Promise<Map<number, ChatResult>>;
  initiateChats(
    chatQueue: readonly (ChatQueueEntry & { chatId?: undefined })[],
    options?: InitiateChatsOptions,
  ): Promise<ChatResult[]>;
  initiateChats(
    chatQueue: readonly ChatQueueEntry[],
    options?: InitiateChatsOptions,
  ): Promise<ChatResult[] | Map<number, ChatResult>>;
  async initiateChats(
    chatQueue: readonly ChatQueueEntry[],
    options: InitiateChatsOptions = {},
  ): Promise<ChatResult[] | Map<number, ChatResult>> {
    const finished = await runChats(this, resolveSenders(chatQueue, this), options);
    this[agentState].finishedChats = finished;
    return finished;
  }

  /** The results of the agent's last `initiateChats`, or one by its index (negative: from the end) or its `chatId`. */
  getChatResults(): ChatResult[] | Map<number, ChatResult>;
  getChatResults(chat: number): ChatResult | undefined;
  getChatResults(chat?: number): ChatResult[] | Map<number, ChatResult> | ChatResult | undefined {
    const { finishedChats } = this[agentState];
    if (chat === undefined) return finishedChats;
    return Array.isArray(finishedChats) ? finishedChats.at(chat) : finishedChats.get(chat);
  }

  /** Makes the first message of a chat: `message`, or the input of a person, followed by the carryover. */
  async generateInitMessage(
    message: MessageInput | null | undefined,
    {
      carryover,
      context,
    }: { carryover?: Carryover | undefined; context?: ContextOption | undefined; [extra: string]: unknown } = {},
  ): Promise<MessageInput> {
    return withCarryover(message ?? (await askHuman(this, ">", this.#context(context, undefined))), carryover);
  }

  /** Adds a function that makes replies to senders that match `trigger`, first in the chain or at `position`. */
  registerReply(trigger: ReplyTrigger, replyFunction: ReplyFunction, options?: RegisterReplyOptions): void {
    this[agentState].replies.register(trigger, replyFunction, options);
  }

  /** Replaces a registered reply function. */
  replaceReplyFunc(oldReplyFunction: ReplyFunction, newReplyFunction: ReplyFunction): void {
    this[agentState].replies.replace(oldReplyFunction, newReplyFunction);
  }

  /** Adds a hook, which can read and change the messages and calls of the agent. */
  registerHook<Method extends HookableMethod>(hookableMethod: Method, hook: Hooks[Method]): void {
    this[agentState].hooks.register(hookableMethod, hook);
  }

  /** Registers a function with the agent's model: `agent.registerForLlm({ name, description, parameters })(fn)`. */
  registerForLlm<Parameters extends ToolParameters = JsonSchema>(
    options: RegisterForLlmOptions<Parameters> = {},
  ): <Arguments = ArgumentsOf<Parameters>>(fn: ToolFunction<Arguments> | Tool<Arguments>) => Tool<Arguments> {
    checkForLlm(options);
    return (fn) => registerForLlm(this, options, fn);
  }

  /** Registers a function with the agent, which runs it for a model: `agent.registerForExecution({ name })(fn)`. */
  registerForExecution<Parameters extends ToolParameters = JsonSchema>(
    options: RegisterForExecutionOptions<Parameters> = {},
  ): <Arguments = ArgumentsOf<Parameters>>(fn: ToolFunction<Arguments> | Tool<Arguments>) => Tool<Arguments> {
    checkForExecution(options);
    return (fn) => registerForExecution(this, options, fn);
  }

  /** Registers functions that the agent runs, by tool name; null removes one. `silentOverride` avoids warnings. */
  registerFunction(
    functionMap: Readonly<Record<string, ToolFunction<never> | Tool | null>>,
    options: { silentOverride?: boolean | undefined } = {},
  ): void {
    setTools(this[agentState], functionMap, options);
  }

  /** Adds a tool in the API's format, or with `isRemove` removes one by its name. `silentOverride` avoids a warning. */
  updateToolSignature(
    signature: Readonly<Record<string, unknown>> | string,
    options: { isRemove?: boolean; silentOverride?: boolean } = {},
  ): void {
    updateSignature(this, "tools", signature, options);
  }

  /** Adds or removes a function in the API's old style, like `updateToolSignature`. */
  updateFunctionSignature(
    signature: Readonly<Record<string, unknown>> | string,
    options: { isRemove?: boolean; silentOverride?: boolean } = {},
  ): void {
    updateSignature(this, "functions", signature, options);
  }

  /** The functions that the agent can run, by tool name. */
  get functionMap(): ReadonlyMap<string, Tool> {
    return this[agentState].tools;
  }

  /** Whether the agent can run the function of that name, or all functions of a list. */
  canExecuteFunction(name: string | readonly string[]): boolean {
    return [name].flat().every((each) => this[agentState].tools.has(each));
  }

  /** Runs one function call of a model, whose id is `callId`. Override it to run tools elsewhere. */
  async executeFunction(
    call: FunctionCall,
    { callId, context }: { callId?: string | undefined; context?: ContextOption | undefined } = {},
  ): Promise<[isSuccess: boolean, result: FunctionReturn]> {
    return executeFunction(this, call, callId, this.#context(context, (context as CallContext | undefined)?.sender));
  }

  /** The executor of code in messages, if any. */
  get codeExecutor(): CodeExecutor | undefined {
    return (this[agentState].codeExecution || undefined)?.executor;
  }

  /** The usage without responses from a cache; `undefined` without a model or before the first response. */
  getActualUsage(): UsageSummary | undefined {
    return this.client?.actualUsageSummary;
  }

  /** The usage with responses from a cache; `undefined` without a model or before the first response. */
  getTotalUsage(): UsageSummary | undefined {
    return this.client?.totalUsageSummary;
  }

  /** The context of a call to this agent. */
  #context(context: ContextOption | undefined, sender: Agent | undefined, silent = false): CallContext {
    return {
      scope: context?.scope,
      agent: this,
      sender,
      signal: context?.signal,
      silent: this.silent ?? context?.silent ?? silent,
    };
  }
}
