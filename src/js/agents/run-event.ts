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
  sender: string | undefined;
  recipient: string | undefined;
}

/** One answer of the model that chooses a speaker. */
interface SpeakerAttempt {
  /** The names of the agents in the answer. */
  mentions: readonly string[];
  /** Counted from 1. */
  attempt: number;
  attemptsLeft: number;
}

/** The fields of each type of event, beside `type`. */
export interface RunEventFields {
  /** A message that is just text, or parts with text. */
  text: OfMessage;
  /** A message in which a model asks for tools. */
  toolCall: OfMessage & { toolCalls: readonly ToolCall[] };
  /** The answers of tools. */
  toolResponse: OfMessage & { toolResponses: readonly ToolResponse[] };
  /** A message in which a model asks for a function, the API's old style. */
  functionCall: OfMessage & { functionCall: FunctionCall };
  /** The answer of a function, the API's old style. */
  functionResponse: OfMessage & { name: string | undefined };
  /** A function is about to run. */
  executeFunction: { funcName: string; callId: string | undefined; arguments: unknown; recipient: string };
  /** A function has run, or could not. `content` is what the model reads. */
  executedFunction: { funcName: string; callId: string | undefined; arguments: unknown; content: string; isExecSuccess: boolean; recipient: string };
  /** A piece of a model's answer has arrived; the whole answer follows as a message. */
  stream: { content: string };
  /** Code of the sender's message is about to run; the languages of its blocks. */
  generateCodeExecutionReply: OfTurn & { codeBlocks: readonly string[] };
  /** The manager of a group chat has chosen who speaks next. */
  groupChatRunChat: { speaker: string };
  /** The recipient answers by itself although a person could have. */
  usingAutoReply: OfTurn & { humanInputMode: string };
  /** A person was asked and said nothing. */
  terminationAndHumanReplyNoInput: OfTurn;
  /** The conversation ends. */
  termination: OfTurn & { terminationReason: string };
  /** A chat of several (`initiateChats`) is about to begin. */
  postCarryoverProcessing: {
    sender: string;
    recipient: string;
    /** The message if it is a text, else what it is. */
    message: string;
    carryover: readonly (string | ChatMessage)[];
    maxTurns: number | undefined;
    verbose: boolean;
  };
  /** A person is to choose the next speaker among these. */
  selectSpeaker: { agents: readonly string[] };
  /** What the person typed is no choice. */
  selectSpeakerInvalidInput: { agents: readonly string[] };
  /** The person made no choice in so many attempts. */
  selectSpeakerTryCountExceeded: { tryCount: number; agents: readonly string[] };
  /** A model that chooses the speaker named one, several, or none; told with `selectSpeakerAutoVerbose` only. */
  speakerAttemptSuccessful: SpeakerAttempt;
  speakerAttemptFailedMultipleAgents: SpeakerAttempt;
  speakerAttemptFailedNoAgents: SpeakerAttempt;
  /** Memory is cleared on command: that of one agent, or of all and the group. */
  clearAgentsHistory: { agent: string | undefined; nrEventsToPreserve: number | undefined };
  /** A person is asked: the run waits until `respond` is called. */
  inputRequest: {
    prompt: string;
    agent: string;
    /** Takes the person's answer. */
    respond: (reply: string) => void;
  };
  /** The run is over. */
  runCompletion: { history: readonly ChatMessage[]; summary: string; cost: ChatCost; lastSpeaker: string };
  /** The run failed. Iterating over it throws this error next. */
  error: { error: unknown };
}

/** A type of event, by which events are told apart. */
export type RunEventType = keyof RunEventFields;

/** One event of a run: `RunEvent` is any, `RunEvent<"text">` one of that type. */
export type RunEvent<Type extends RunEventType = RunEventType> = { [Each in Type]: { readonly type: Each } & Readonly<RunEventFields[Each]> }[Type];

/** Who follows a run. */
export interface RunListener {
  /** Takes an event in. The run waits for the promise, if there is one. */
  hear(event: RunEvent): Promise<void> | undefined;
  /** Asks the person who follows the run. */
  ask(prompt: string, context: CallContext): Promise<string>;
}
