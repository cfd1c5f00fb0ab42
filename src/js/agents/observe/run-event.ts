/** The events of a run (AG2: events/agent_events.py; here events and their fields are in camelCase). */

import type { FunctionCall, ChatMessage, MessageContent, ToolCall, ToolResponse } from "../message/message.js";
import type { ChatCost } from "../models/usage.js";

/** The fields of every event about a message. */
interface MessageFields {
  /** The name of the agent that sent it. */
  sender: string;
  /** The name of the agent that received it. */
  recipient: string;
  /** The content of the message. */
  content: MessageContent | undefined;
  /** The whole message, as it was sent. */
  message: ChatMessage;
}

/**
 * The fields of every event about an agent's turn: names of agents. A reply that has no sender leaves `sender`
 * undefined.
 */
interface TurnFields {
  /** The agent that spoke before; of a termination, the agent that ends the conversation. */
  sender: string | undefined;
  /** The agent whose turn it is; of a termination, the other side. */
  recipient: string | undefined;
}

/** The fields of every event about a handoff in a group. */
interface TransitionFields {
  /** The name of the agent that hands off. */
  sourceAgent: string;
  /** The name of the target for people: an agent's name, "Terminate", "Stay", … */
  transitionTarget: string;
}

/** One response of the model that selects a speaker. */
interface SelectionAttempt {
  /** The names of the agents in the response. */
  mentions: readonly string[];
  /** The number of the attempt, counted from 1. */
  attempt: number;
  /** The number of attempts that are left. */
  attemptsLeft: number;
}

/** The fields of each type of event, beside `type`. */
export interface RunEventFields {
  /** A message that is just text, or parts with text. */
  text: MessageFields;
  /** A message with a model's tool calls. */
  toolCall: MessageFields & {
    /** The tool calls, in the model's order. */
    toolCalls: readonly ToolCall[];
  };
  /** A message with the responses of tools. */
  toolResponse: MessageFields & {
    /** One response for each tool call, in the same order. */
    toolResponses: readonly ToolResponse[];
  };
  /** A message with a model's function call, in the API's old style. */
  functionCall: MessageFields & {
    /** The function call. */
    functionCall: FunctionCall;
  };
  /** The response of a function, in the API's old style. */
  functionResponse: MessageFields & {
    /** The name of the function. */
    name: string | undefined;
  };
  /** A function is about to run. */
  executeFunction: {
    /** The tool's name. */
    funcName: string;
    /** The `id` of the model's call, if it has one. */
    callId: string | undefined;
    /** The parsed arguments of the call. */
    arguments: unknown;
    /** The name of the agent that runs it. */
    recipient: string;
  };
  /** A function has run, or could not. */
  executedFunction: {
    /** The tool's name, as the model wrote it. */
    funcName: string;
    /** The `id` of the model's call, if it has one. */
    callId: string | undefined;
    /** The parsed arguments of the call; the text itself where it is not JSON. */
    arguments: unknown;
    /** The text that the model gets: the result, or the error. */
    content: string;
    /** Whether the function succeeded. */
    isExecSuccess: boolean;
    /** The name of the agent that runs it. */
    recipient: string;
  };
  /** A chunk of a model's response has arrived; the whole response follows as a message. */
  stream: {
    /** The text of the chunk; never empty. */
    content: string;
  };
  /** Code of the sender's message is about to run. */
  generateCodeExecutionReply: TurnFields & {
    /** The language of each code block; "" if it is not known. */
    codeBlocks: readonly string[];
  };
  /** The manager of a group chat has selected the next speaker. */
  groupChatRunChat: {
    /** The member's name. */
    speaker: string;
  };
  /** The recipient replies by itself, in a mode in which a person may be asked. */
  usingAutoReply: TurnFields & {
    /** The recipient's `humanInputMode`: "ALWAYS" or "TERMINATE". */
    humanInputMode: string;
  };
  /** A person was asked and gave no reply. */
  terminationAndHumanReplyNoInput: TurnFields;
  /** The conversation ends. */
  termination: TurnFields & {
    /** The reason, with AG2's text, such as "Maximum turns (2) reached". */
    terminationReason: string;
  };
  /** A chat of a queue (`initiateChats`) is about to start. */
  postCarryoverProcessing: {
    /** The name of the agent that starts the chat. */
    sender: string;
    /** The name of the agent on the other side. */
    recipient: string;
    /** The first message if it is a text, else a description of it. */
    message: string;
    /** The carryover that follows the message: the entry's own, then the summaries of earlier chats. */
    carryover: readonly (string | ChatMessage)[];
    /** The most messages that the sender sends. */
    maxTurns: number | undefined;
    /** Whether message and carryover are printed. */
    verbose: boolean;
  };
  /** A person is asked to select the next speaker. */
  selectSpeaker: {
    /** The names of the candidates; the person enters the number of one, counted from 1. */
    agents: readonly string[];
  };
  /** The text that the person typed selects no agent. */
  selectSpeakerInvalidInput: {
    /** The names of the candidates. */
    agents: readonly string[];
  };
  /** The person selected no agent, and is not asked again. */
  selectSpeakerTryCountExceeded: {
    /** The number of attempts that the person had. */
    tryCount: number;
    /** The names of the candidates. */
    agents: readonly string[];
  };
  /** The selecting model named one agent. This event and the next two need `selectSpeakerAutoVerbose`. */
  speakerAttemptSuccessful: SelectionAttempt;
  /** The selecting model named several agents, and is asked again while attempts are left. */
  speakerAttemptFailedMultipleAgents: SelectionAttempt;
  /** The selecting model named no agent, and is asked again while attempts are left. */
  speakerAttemptFailedNoAgents: SelectionAttempt;
  /** A command clears the history of one agent, or of all agents and the group. */
  clearAgentsHistory: {
    /** The agent's name; `undefined`: all agents, and the group. */
    agent: string | undefined;
    /** The number of newest messages that are preserved; `undefined`: none. */
    nrEventsToPreserve: number | undefined;
  };
  /** A context condition of an agent of a group is met: it hands off instead of replying. */
  onContextConditionTransition: TransitionFields;
  /** The model of an agent of a group has called the tool of a handoff. */
  onConditionLlmTransition: TransitionFields;
  /** The result of a tool hands off. */
  replyResultTransition: TransitionFields;
  /** An after work of an agent of a group is met. */
  afterWorksTransition: TransitionFields;
  /** A person is asked: the run waits until `respond` is called. */
  inputRequest: {
    /** The question, with AG2's text. */
    prompt: string;
    /** The name of the agent for which the person replies. */
    agent: string;
    /** Call it with the person's reply. */
    respond: (reply: string) => void;
  };
  /** The run has succeeded. */
  runCompletion: {
    /** The conversation: `chatHistory` of the result. */
    history: readonly ChatMessage[];
    /** The summary that `summaryMethod` made. */
    summary: string;
    /** The usage of the two agents so far. */
    cost: ChatCost;
    /** The name of the agent that spoke last. */
    lastSpeaker: string;
  };
  /** The run failed. Iterating over it throws this error next. */
  error: {
    /** The thrown error, unchanged. */
    error: unknown;
  };
}

/** The type of an event. */
export type RunEventType = keyof RunEventFields;

/** One event of a run: `RunEvent` is any event, `RunEvent<"text">` an event of that type. */
export type RunEvent<Type extends RunEventType = RunEventType> = {
  [Each in Type]: {
    /** The type: after a comparison with it the compiler knows the other fields. */
    readonly type: Each;
  } & Readonly<RunEventFields[Each]>;
}[Type];
