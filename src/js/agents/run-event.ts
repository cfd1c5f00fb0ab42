/** What a run tells while it goes on (AG2: events/agent_events.py; events and their fields in camelCase). */

import type { FunctionCall, ChatMessage, MessageContent, ToolCall, ToolResponse } from "./message.js";
import type { CallContext } from "./scope.js";
import type { ChatCost } from "./usage.js";

/** What every event about a message has. */
interface OfMessage {
  /** The name of the agent that sent it. */
  sender: string;
  /** The name of the agent that got it. */
  recipient: string;
  /** What it says. */
  content: MessageContent | undefined;
  /** The whole message, as it was sent. */
  message: ChatMessage;
}

/** What happened to an agent's turn. The names are those of agents; there is no sender when a reply was asked for without one. */
interface OfTurn {
  /** Who spoke before; of a termination who ends the conversation. */
  sender: string | undefined;
  /** Whose turn it is; of a termination the other side. */
  recipient: string | undefined;
}

/** One answer of the model that chooses a speaker. */
interface SpeakerAttempt {
  /** The names of the agents in the answer. */
  mentions: readonly string[];
  /** Counted from 1. */
  attempt: number;
  /** How often the model is asked again. */
  attemptsLeft: number;
}

/** The fields of each type of event, beside `type`. */
export interface RunEventFields {
  /** A message that is just text, or parts with text. */
  text: OfMessage;
  /** A message in which a model asks for tools. */
  toolCall: OfMessage & {
    /** The calls, in the model's order. */
    toolCalls: readonly ToolCall[];
  };
  /** The answers of tools. */
  toolResponse: OfMessage & {
    /** One for each call, in the order of the calls. */
    toolResponses: readonly ToolResponse[];
  };
  /** A message in which a model asks for a function, the API's old style. */
  functionCall: OfMessage & {
    /** What it asks for. */
    functionCall: FunctionCall;
  };
  /** The answer of a function, the API's old style. */
  functionResponse: OfMessage & {
    /** The function's. */
    name: string | undefined;
  };
  /** A function is about to run. */
  executeFunction: {
    /** The tool's name. */
    funcName: string;
    /** The `id` of the model's call, if it has one. */
    callId: string | undefined;
    /** As the model gave them, parsed. */
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
    /** As the model gave them, parsed; the text itself where it is not JSON. */
    arguments: unknown;
    /** What the model reads: the result as text, or what went wrong. */
    content: string;
    /** Whether the function ran to its end. */
    isExecSuccess: boolean;
    /** The name of the agent that runs it. */
    recipient: string;
  };
  /** A piece of a model's answer has arrived; the whole answer follows as a message. */
  stream: {
    /** What the piece adds to the text; never empty. */
    content: string;
  };
  /** Code of the sender's message is about to run; the languages of its blocks. */
  generateCodeExecutionReply: OfTurn & {
    /** The language of each block; "" where it is not known. */
    codeBlocks: readonly string[];
  };
  /** The manager of a group chat has chosen who speaks next. */
  groupChatRunChat: {
    /** The member's name. */
    speaker: string;
  };
  /** The recipient answers by itself although a person could have. */
  usingAutoReply: OfTurn & {
    /** That of the recipient: "ALWAYS" or "TERMINATE". */
    humanInputMode: string;
  };
  /** A person was asked and said nothing. */
  terminationAndHumanReplyNoInput: OfTurn;
  /** The conversation ends. */
  termination: OfTurn & {
    /** In AG2's words, such as "Maximum turns (2) reached". */
    terminationReason: string;
  };
  /** A chat of several (`initiateChats`) is about to begin. */
  postCarryoverProcessing: {
    /** The name of the agent that begins. */
    sender: string;
    /** The name of the agent that is talked to. */
    recipient: string;
    /** The message if it is a text, else what it is. */
    message: string;
    /** What will stand behind the message: the entry's own, then the summaries of the chats before. */
    carryover: readonly (string | ChatMessage)[];
    /** How often the sender speaks at most. */
    maxTurns: number | undefined;
    /** Whether message and carryover are to be shown. */
    verbose: boolean;
  };
  /** A person is to choose the next speaker among these. */
  selectSpeaker: {
    /** The names; the person enters the number of one, counted from 1. */
    agents: readonly string[];
  };
  /** What the person typed is no choice. */
  selectSpeakerInvalidInput: {
    /** The names, as before. */
    agents: readonly string[];
  };
  /** The person made no choice in so many attempts. */
  selectSpeakerTryCountExceeded: {
    /** After how many attempts the person is not asked any more. */
    tryCount: number;
    /** The names, as before. */
    agents: readonly string[];
  };
  /** A model that chooses the speaker named one; told with `selectSpeakerAutoVerbose` only, as the next two. */
  speakerAttemptSuccessful: SpeakerAttempt;
  /** It named several, and is asked again while attempts are left. */
  speakerAttemptFailedMultipleAgents: SpeakerAttempt;
  /** It named nobody, and is asked again while attempts are left. */
  speakerAttemptFailedNoAgents: SpeakerAttempt;
  /** Memory is cleared on command: that of one agent, or of all and the group. */
  clearAgentsHistory: {
    /** The agent's name; `undefined`: all, and the group. */
    agent: string | undefined;
    /** How many of the newest messages stay; `undefined`: none. */
    nrEventsToPreserve: number | undefined;
  };
  /** A person is asked: the run waits until `respond` is called. */
  inputRequest: {
    /** The question, in AG2's words. */
    prompt: string;
    /** The name of the agent for which the person speaks. */
    agent: string;
    /** Takes the person's answer. */
    respond: (reply: string) => void;
  };
  /** The run is over. */
  runCompletion: {
    /** The conversation, as `chatHistory` of the result. */
    history: readonly ChatMessage[];
    /** What `summaryMethod` made of it. */
    summary: string;
    /** What the two agents have used so far. */
    cost: ChatCost;
    /** The name of the agent that spoke last. */
    lastSpeaker: string;
  };
  /** The run failed. Iterating over it throws this error next. */
  error: {
    /** What was thrown, unchanged. */
    error: unknown;
  };
}

/** A type of event, by which events are told apart. */
export type RunEventType = keyof RunEventFields;

/** One event of a run: `RunEvent` is any, `RunEvent<"text">` one of that type. */
export type RunEvent<Type extends RunEventType = RunEventType> = {
  [Each in Type]: {
    /** Tells events apart: after a comparison with it the compiler knows the other fields. */
    readonly type: Each;
  } & Readonly<RunEventFields[Each]>;
}[Type];

/** Who follows a run. */
export interface RunListener {
  /** Takes an event in. The run waits for the promise, if there is one. */
  hear(event: RunEvent): Promise<void> | undefined;
  /** Asks the person who follows the run. */
  ask(prompt: string, context: CallContext): Promise<string>;
}
