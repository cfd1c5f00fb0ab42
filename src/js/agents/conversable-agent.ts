/** The agent (AG2: agentchat/conversable_agent.py, `ConversableAgent`). What it does is in the modules it is put together from. */

import type { Agent, DeliveryOptions, GenerateReplyOptions } from "./agent.js";
import type { ConversableAgentOptions, HumanInputMode, TerminationFunction } from "./agent-options.js";
import { type AgentState, agentState } from "./agent-state.js";
import { AutoReplies } from "./auto-replies.js";
import { type Carryover, withCarryover } from "./carryover.js";
import { initiateChat, type InitiateChatOptions } from "./chat.js";
import { ChatHistory } from "./chat-history.js";
import { type ChatQueueEntry, type ChatWithId, staffed } from "./chat-queue.js";
import type { ChatResult } from "./chat-result.js";
import { chatsTogether, type InitiateChatsOptions } from "./chats.js";
import { codeReplyOf } from "./code-execution-config.js";
import type { CodeExecutor } from "./executors/code-executor.js";
import { reply, showMessage, takeMessage } from "./conversation.js";
import { AgentError } from "./errors.js";
import { type FunctionReturn, type HookableMethod, HookLists, type Hooks, prepareMessages } from "./hooks.js";
import { askHost, askHuman, type HumanInputFunction } from "./human-input.js";
import { generateOaiReply } from "./llm-reply.js";
import type { LlmConfig } from "./llm-config.js";
import { type ChatMessage, contentText, type FunctionCall, invalidMessage, type MessageContent, type MessageInput } from "./message.js";
import { notify, OBSERVERS_SYMBOL } from "./observer.js";
import { OpenAIWrapper } from "./openai-wrapper.js";
import { type RegisterReplyOptions, ReplyChain, type ReplyFunction, type ReplyTrigger } from "./reply-chain.js";
import { type CallContext, calledWithin, type ContextOption, ReplyScope, within } from "./scope.js";
import { DEFAULT_SUMMARY_PROMPT } from "./summary.js";
import { checkTerminationAndHumanReply } from "./termination.js";
import { executeFunction, generateFunctionCallReply, generateToolCallsReply } from "./tool-execution.js";
import { Tool, type ToolFunction } from "./tool.js";
import type { ArgumentsOf, JsonSchema, ToolParameters } from "./tool-parameters.js";
import {
  registerForExecution,
  type RegisterForExecutionOptions,
  registerForLlm,
  type RegisterForLlmOptions,
  setTool,
  updateSignature,
} from "./tool-registration.js";
import type { UsageSummary } from "./usage.js";

/** The reply functions every agent starts with, by AG2's names in camelCase: to exclude, replace or place others around them. */
export interface DefaultReplyFunctions {
  /** Ends the conversation, or asks the person (AG2: `check_termination_and_human_reply`). */
  readonly checkTerminationAndHumanReply: ReplyFunction;
  /** Runs the function that a message calls in the API's old style. */
  readonly generateFunctionCallReply: ReplyFunction;
  /** Runs the tools that a message calls, all at the same time. */
  readonly generateToolCallsReply: ReplyFunction;
  /** Asks the model. */
  readonly generateOaiReply: ReplyFunction;
}

/**
 * An agent that answers messages: by a person, by running tools, by a model, or by functions of
 * your own, in the order of its reply functions.
 *
 * @example
 * const cathy = new ConversableAgent({ name: "cathy", systemMessage: "You are a stand-up comedian.", llmConfig, humanInputMode: "NEVER" });
 * const joe = new ConversableAgent({ name: "joe", systemMessage: "You are her partner.", llmConfig, humanInputMode: "NEVER" });
 * const { chatHistory, cost } = await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 });
 */
export class ConversableAgent implements Agent {
  /** How many replies in a row an agent makes by itself, if not told otherwise. */
  static readonly MAX_CONSECUTIVE_AUTO_REPLY = 100;
  /** What a model is asked for a summary, if not told otherwise. */
  static readonly DEFAULT_SUMMARY_PROMPT = DEFAULT_SUMMARY_PROMPT;
  /** The reply functions every agent starts with, in the order in which they are tried. */
  static readonly replyFunctions: DefaultReplyFunctions = {
    checkTerminationAndHumanReply,
    generateFunctionCallReply,
    generateToolCallsReply,
    generateOaiReply,
  };

  /** By which others, and models, know it; unique in a group chat, and without white space if it has a model. */
  declare readonly name: string;
  /** What other agents are told of this one. */
  declare description: string;
  /** When a person is asked. */
  declare humanInputMode: HumanInputMode;
  /** Whether what the agent says stays off the terminal; undefined: as each chat says. */
  declare silent: boolean | undefined;
  /** Values the agent works with; shared with whoever gave them. */
  declare readonly contextVariables: Record<string, unknown>;
  /** What the modules of an agent share. @internal */
  declare readonly [agentState]: AgentState;
  readonly #isTerminationMsg: TerminationFunction;
  readonly #getHumanInput: HumanInputFunction;

  /** Says that agents report what they do by themselves, so that nobody reports it for them. @internal */
  get [OBSERVERS_SYMBOL](): true {
    return true;
  }

  /** @throws AgentError when the options do not fit together */
  constructor(options: ConversableAgentOptions) {
    const { name, systemMessage = "You are a helpful AI Assistant.", llmConfig = false, codeExecutionConfig = false, defaultAutoReply = "" } = options;
    if (llmConfig !== false && /\s/.test(name)) {
      throw new AgentError("invalid_name", `the name \`${name}\` of an agent with a model must not hold white space`);
    }
    this.name = name;
    this.description = options.description ?? contentText(systemMessage);
    this.humanInputMode = options.humanInputMode ?? "TERMINATE";
    this.silent = options.silent;
    this.contextVariables = options.contextVariables ?? {};
    this.#isTerminationMsg = options.isTerminationMsg ?? ((message) => contentText(message.content) === "TERMINATE");
    this.#getHumanInput = options.getHumanInput ?? askHost;
    this[agentState] = {
      history: new ChatHistory(options.chatMessages),
      autoReplies: new AutoReplies(options.maxConsecutiveAutoReply ?? ConversableAgent.MAX_CONSECUTIVE_AUTO_REPLY),
      hooks: new HookLists(),
      replies: new ReplyChain(),
      tools: new Map(),
      toldTools: new Map(),
      finishedChats: [],
      replyAtReceive: new Map(),
      codeExecution: codeExecutionConfig,
      defaultAutoReply,
      systemMessage: { content: systemMessage, role: "system" },
      llmConfig: llmConfig && { ...llmConfig },
      client: llmConfig ? new OpenAIWrapper(llmConfig) : undefined,
      humanInput: [],
    };
    for (const replyFunction of Object.values(ConversableAgent.replyFunctions).reverse()) this.registerReply(() => true, replyFunction);
    // Code is run before a model is asked.
    if (codeExecutionConfig) this.registerReply(() => true, codeReplyOf(codeExecutionConfig), { position: 3 });
    for (const update of [options.updateAgentStateBeforeReply ?? []].flat()) this.registerHook("updateAgentState", "hook" in update ? update.hook : update);
    this.registerFunction(options.functionMap ?? {});
    notify((observer) => observer.agentCreated?.(this));
  }

  /** What the model is told first. */
  get systemMessage(): MessageContent {
    return this[agentState].systemMessage.content ?? null;
  }

  /** Replaces what the model is told first. */
  updateSystemMessage(systemMessage: MessageContent): void {
    this[agentState].systemMessage = { content: systemMessage, role: "system" };
  }

  /** The models the agent may ask, with the tools they are told of. */
  get llmConfig(): LlmConfig | false {
    return this[agentState].llmConfig;
  }

  /** What asks the models; replaced whenever tools are registered. */
  get client(): OpenAIWrapper | undefined {
    return this[agentState].client;
  }

  /** The conversations, by the agent on the other side. */
  get chatMessages(): ReadonlyMap<Agent, ChatMessage[]> {
    return this[agentState].history.conversations;
  }

  /** The conversation with `agent` that a summary is made of. */
  chatMessagesForSummary(agent: Agent): ChatMessage[] {
    return this[agentState].history.with(agent);
  }

  /** The newest message exchanged with `agent`; it may be left out when there is only one conversation. */
  lastMessage(agent?: Agent): ChatMessage | undefined {
    return this[agentState].history.last(agent);
  }

  /** Forgets the conversation with `recipient`, or all but the newest messages of every conversation. */
  clearHistory(recipient?: Agent, nrMessagesToPreserve?: number): void {
    this[agentState].history.clear(recipient, nrMessagesToPreserve);
  }

  /** Forgets conversations, counts and usage, and puts the configs of reply functions back. */
  reset(): void {
    const { replies, autoReplies, client } = this[agentState];
    this.clearHistory();
    autoReplies.resetAll();
    this.stopReplyAtReceive();
    client?.clearUsageSummary();
    replies.reset();
  }

  /** Stops answering `sender`, or everybody, until the next chat begins. */
  stopReplyAtReceive(sender?: Agent): void {
    const { replyAtReceive } = this[agentState];
    if (sender === undefined) replyAtReceive.clear();
    else replyAtReceive.set(sender, false);
  }

  /** How many replies in a row the agent makes by itself, to `sender` or in general. */
  maxConsecutiveAutoReply(sender?: Agent): number {
    return this[agentState].autoReplies.limit(sender);
  }

  /** Changes that number, for `sender` or for everybody. */
  updateMaxConsecutiveAutoReply(value: number, sender?: Agent): void {
    this[agentState].autoReplies.setLimit(value, sender);
  }

  /** Starts counting replies to `sender`, or to everybody, anew. */
  resetConsecutiveAutoReplyCounter(sender?: Agent): void {
    if (sender === undefined) this[agentState].autoReplies.resetAll();
    else this[agentState].autoReplies.reset(sender);
  }

  /** Whether `message` ends the conversation. */
  async isTerminationMsg(message: ChatMessage, context: CallContext): Promise<boolean> {
    return calledWithin(context, () => this.#isTerminationMsg(message, context));
  }

  /** Gets a line from a person. Override it, or give the option of the same name, to ask elsewhere. */
  async getHumanInput(prompt: string, context: CallContext): Promise<string> {
    return this.#getHumanInput(prompt, context);
  }

  /**
   * Sends `message` to `recipient`; done when the conversation that follows from it is.
   *
   * @throws AgentError when it is no valid message
   */
  async send(message: MessageInput, recipient: Agent, { requestReply, silent, context }: DeliveryOptions = {}): Promise<void> {
    const { hooks, history } = this[agentState];
    const isSilent = silent ?? context?.silent ?? false;
    const hookContext = this.#context(context, recipient, isSilent);
    let hooked = message;
    for (const hook of hooks.of("processMessageBeforeSend")) {
      hooked = await hook({ sender: this, message: hooked, recipient, silent: hookContext.silent ?? isSilent }, hookContext);
    }
    if (!history.append(hooked, recipient, "assistant", this.name)) throw invalidMessage("the message to send");
    await recipient.receive(hooked, this, { requestReply, silent: isSilent, context });
  }

  /**
   * Takes a message of `sender`, and answers it if a reply is requested.
   *
   * @throws AgentError when it is no valid message
   */
  async receive(message: MessageInput, sender: Agent, { requestReply, silent, context }: DeliveryOptions = {}): Promise<void> {
    const { history, replyAtReceive } = this[agentState];
    const isSilent = silent ?? context?.silent ?? false;
    const parent = takeMessage(this, message, sender, context);
    await showMessage(this, message, sender, isSilent, context?.scope);
    if (!(requestReply ?? replyAtReceive.get(sender) ?? false)) return;
    await reply(this, sender, history.with(sender), parent, { silent: isSilent, signal: context?.signal });
  }

  /**
   * The agent's reply to a conversation, without sending it; `undefined` for none. Overrides should
   * hand `options.context` on.
   *
   * @throws AgentError without messages and sender
   */
  async generateReply({ messages, sender, exclude = [], context }: GenerateReplyOptions): Promise<string | ChatMessage | undefined> {
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
    return within(own, () => make(own), (result) => ({ reply: result }));
  }

  /**
   * Talks with `recipient` until one of the two has no reply, or `maxTurns` is reached.
   *
   * @throws AgentError for options that do not fit together, and whatever model, tools or reply functions throw
   */
  async initiateChat(recipient: ConversableAgent, options: InitiateChatOptions = {}): Promise<ChatResult> {
    return initiateChat(this, recipient, options);
  }

  /** Runs several chats, begun by this agent where an entry names no other sender: see the function `initiateChats`. */
  initiateChats(chatQueue: readonly ChatWithId[], options?: InitiateChatsOptions): Promise<Map<number, ChatResult>>;
  initiateChats(chatQueue: readonly (ChatQueueEntry & { chatId?: undefined })[], options?: InitiateChatsOptions): Promise<ChatResult[]>;
  initiateChats(chatQueue: readonly ChatQueueEntry[], options?: InitiateChatsOptions): Promise<ChatResult[] | Map<number, ChatResult>>;
  async initiateChats(chatQueue: readonly ChatQueueEntry[], options: InitiateChatsOptions = {}): Promise<ChatResult[] | Map<number, ChatResult>> {
    const finished = await chatsTogether(this, staffed(chatQueue, this), options);
    this[agentState].finishedChats = finished;
    return finished;
  }

  /** The results of the agent's last `initiateChats`; of one chat by its place in the queue (negative: from the end) or its `chatId`. */
  getChatResults(): ChatResult[] | Map<number, ChatResult>;
  getChatResults(chat: number): ChatResult | undefined;
  getChatResults(chat?: number): ChatResult[] | Map<number, ChatResult> | ChatResult | undefined {
    const { finishedChats } = this[agentState];
    if (chat === undefined) return finishedChats;
    return Array.isArray(finishedChats) ? finishedChats.at(chat) : finishedChats.get(chat);
  }

  /** The first message of a chat: `message`, or what a person types, with the carryover behind it. */
  async generateInitMessage(
    message: MessageInput | null | undefined,
    { carryover, context }: { carryover?: Carryover | undefined; context?: ContextOption | undefined; [extra: string]: unknown } = {},
  ): Promise<MessageInput> {
    return withCarryover(message ?? (await askHuman(this, ">", this.#context(context, undefined))), carryover);
  }

  /** Adds a function that makes replies to the senders that `trigger` describes, tried before the others unless `position` says otherwise. */
  registerReply(trigger: ReplyTrigger, replyFunction: ReplyFunction, options?: RegisterReplyOptions): void {
    this[agentState].replies.register(trigger, replyFunction, options);
  }

  /** Puts another function in the place of a registered one. */
  replaceReplyFunc(oldReplyFunction: ReplyFunction, newReplyFunction: ReplyFunction): void {
    this[agentState].replies.replace(oldReplyFunction, newReplyFunction);
  }

  /** Adds a function that sees, and may change, what passes through the agent. */
  registerHook<Method extends HookableMethod>(hookableMethod: Method, hook: Hooks[Method]): void {
    this[agentState].hooks.register(hookableMethod, hook);
  }

  /** Tells the agent's model of a function: `agent.registerForLlm({ name, description, parameters })(fn)`. */
  registerForLlm<Parameters extends ToolParameters = JsonSchema>(
    options: RegisterForLlmOptions<Parameters> = {},
  ): <Arguments = ArgumentsOf<Parameters>>(fn: ToolFunction<Arguments> | Tool<Arguments>) => Tool<Arguments> {
    return (fn) => registerForLlm(this, options, fn);
  }

  /** Lets the agent run a function when a model asks for it: `agent.registerForExecution({ name })(fn)`. */
  registerForExecution<Parameters extends ToolParameters = JsonSchema>(
    options: RegisterForExecutionOptions<Parameters> = {},
  ): <Arguments = ArgumentsOf<Parameters>>(fn: ToolFunction<Arguments> | Tool<Arguments>) => Tool<Arguments> {
    return (fn) => registerForExecution(this, options, fn);
  }

  /** Lets the agent run functions, by tool name; null takes one away. `silentOverride`: no warning where one is replaced. */
  registerFunction(functionMap: Readonly<Record<string, ToolFunction<never> | Tool<never> | null>>, { silentOverride = false } = {}): void {
    for (const [name, fn] of Object.entries(functionMap)) {
      setTool(this[agentState], name, fn === null ? null : new Tool(fn, { name }), silentOverride);
    }
  }

  /** Adds a tool in wire form to what the model is told, or with `isRemove` takes the one of that name away. `silentOverride`: no warning where one is replaced. */
  updateToolSignature(signature: Readonly<Record<string, unknown>> | string, options: { isRemove?: boolean; silentOverride?: boolean } = {}): void {
    updateSignature(this, "tools", signature, options);
  }

  /** The same for the API's old style of functions. */
  updateFunctionSignature(signature: Readonly<Record<string, unknown>> | string, options: { isRemove?: boolean; silentOverride?: boolean } = {}): void {
    updateSignature(this, "functions", signature, options);
  }

  /** The functions the agent can run, by tool name. */
  get functionMap(): ReadonlyMap<string, Tool<never>> {
    return this[agentState].tools;
  }

  /** Whether the agent can run the function, or all of the functions, of that name. */
  canExecuteFunction(name: string | readonly string[]): boolean {
    return [name].flat().every((each) => this[agentState].tools.has(each));
  }

  /** Runs one function as a model asked for it, in the call with the id `callId`. Override it to run tools elsewhere. */
  async executeFunction(
    call: FunctionCall,
    { callId, context }: { callId?: string | undefined; context?: ContextOption | undefined } = {},
  ): Promise<[isSuccess: boolean, result: FunctionReturn]> {
    return executeFunction(this, call, callId, this.#context(context, (context as CallContext | undefined)?.sender));
  }

  /** What runs the code in messages, if anything does. */
  get codeExecutor(): CodeExecutor | undefined {
    return (this[agentState].codeExecution || undefined)?.executor;
  }

  /** What was really asked of models; `undefined` without a model or before the first answer. */
  getActualUsage(): UsageSummary | undefined {
    return this.client?.actualUsageSummary;
  }

  /** The same with the answers that came from a cache. */
  getTotalUsage(): UsageSummary | undefined {
    return this.client?.totalUsageSummary;
  }

  /** The context of a call to this agent. */
  #context(context: ContextOption | undefined, sender: Agent | undefined, silent = false): CallContext {
    return { scope: context?.scope, agent: this, sender, signal: context?.signal, silent: this.silent ?? context?.silent ?? silent };
  }
}
