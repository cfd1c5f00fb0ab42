/**
 * The words by which libraries in the style of AG2 and AutoGen name what they do, whatever the
 * spelling: `generateReply`, `generate_reply`, `a_generate_reply`, `_generateReply` and
 * `generateReplyAsync` are one word. AG2's own come from autogen/agentchat/conversable_agent.py and
 * groupchat.py, the others from its ports to TypeScript and to other languages.
 */

/** What a method does, in terms of what our own agents report. */
export type Role = "chats" | "chat" | "reply" | "turn" | "send" | "receive" | "modelCall" | "toolCall" | "speakerSelection" | "humanInput" | "codeExecution" | "registration";

/** What kind of thing a method belongs to; the same word means different things on different ones. */
export type Kind = "agent" | "group" | "client" | "tool";

/** What a word means, and how sure that is. */
export interface Meaning {
  readonly role: Role;
  /** The word itself, in its one spelling. */
  readonly word: string;
  /** Whether the word alone says so. Else the arguments of a call decide whether it was meant like that. */
  readonly isSure: boolean;
}

/** Sure whatever they belong to. */
const SURE: Readonly<Partial<Record<Role, string>>> = {
  chats: "initiatechats runchats sequentialchats initiatesequentialchats",
  chat:
    "initiatechat initiatenestedchat initiategroupchat initiateswarmchat initiateconversation initializechat initializeconversation " +
    "startchat startconversation startgroupchat beginchat beginconversation runchat rungroupchat runconversation runsequentialchat " +
    "runnestedchat runswarmchat runswarm twoagentchat groupchat chatwith",
  reply: "generatereply generatereplystream generatestreamingreply streamreply generatereplies generateresponse createreply makereply onmessages onmessagesstream",
  modelCall:
    "createcompletion createchatcompletion chatcompletion completechat getcompletion getchatcompletion generatecompletion " +
    "generatestreamingcompletion generatereplywithfunctions callllm callmodel invokellm invokemodel queryllm querymodel askllm llmcall",
  toolCall:
    "executefunction executetool executetoolcall executefunctioncall calltool callfunction runtool runfunction runtoolcall invoketool " +
    "invokefunction handletoolcall handlefunctioncall dispatchtool usetool",
  speakerSelection:
    "selectspeaker selectnextspeaker autoselectspeaker choosespeaker choosenextspeaker pickspeaker picknextspeaker nextspeaker " +
    "getnextspeaker determinenextspeaker selectnext selectnextagent selectagent nextagent picknextagent",
  humanInput: "gethumaninput getuserinput askhuman askuser requesthumaninput requestuserinput promptuser prompthuman gethumanfeedback humaninput",
  codeExecution: "executecode executecodeblock executecodeblocks runcode runcodeblock runcodeblocks",
};

/** Sure only on that kind of thing, in the order of preference where there are several lines. */
const AGENT_REPLIES = [
  "reply respond answer speak taketurn",
  "processmessage handlemessage onmessage act step think generate chat ask run runstream invoke execute call",
];
const AGENT_MESSAGES: Readonly<Record<string, Role>> = { send: "send", sendmessage: "send", sendto: "send", receive: "receive", receivemessage: "receive" };
const AGENT_RUNS = "run runstream";
const GROUP_CHATS = "run runstream start begin continue resume retry chat converse discuss execute invoke kickoff runsingletask solve";
const GROUP_REPLIES = "reply taketurn";
const CLIENT_CALLS = "create createstream createsync complete completestream completion completions generate generatetext generatestream chat chatstream stream invoke call predict ask query";
const TOOL_CALLS = "execute call invoke run";
const REGISTRATIONS = "registerfunction registerfunctions registertool registertools addtool addtools addfunction addfunctions function tool registerforexecution";

const sure = new Map<string, Role>();
for (const [role, words] of Object.entries(SURE)) for (const word of words.split(" ")) sure.set(word, role as Role);

const agentReplies = AGENT_REPLIES.map(setOf);
const agentRuns = setOf(AGENT_RUNS);
const groupChats = setOf(GROUP_CHATS);
const groupReplies = setOf(GROUP_REPLIES);
const clientCalls = setOf(CLIENT_CALLS);
const toolCalls = setOf(TOOL_CALLS);
const registrations = setOf(REGISTRATIONS);

/** What to ask an object for that does not show what it has. */
export const PROBES: readonly string[] = (
  "generateReply generate_reply a_generate_reply generateReplyStream onMessages on_messages initiateChat initiate_chat a_initiate_chat send a_send receive a_receive " +
  "run runChat run_chat a_run_chat executeFunction execute_function a_execute_function executeTool execute_tool callTool call_tool selectSpeaker select_speaker getHumanInput get_human_input reply respond"
).split(" ");

/** The one spelling of a method's name. */
export function wordOf(name: string): string {
  const bare = name.replace(/^[_$#]+/, "").replace(/^a(?:_|(?=[A-Z]))/, "");
  return bare.replaceAll("_", "").toLowerCase().replace(/(?<=.)async$/, "");
}

/** The role of a word that needs no context. */
export function sureRole(word: string): Role | undefined {
  return sure.get(word);
}

/** Whether a word means something on some kind of thing. */
export function isKnownWord(word: string): boolean {
  return sure.has(word) || [agentRuns, groupChats, groupReplies, clientCalls, ...agentReplies].some((words) => words.has(word)) || word in AGENT_MESSAGES;
}

/** What each method of a thing means, from the names of all of them and the kind of the thing. */
export function meanings(names: readonly string[], kind: Kind): Map<string, Meaning> {
  const words = new Map(names.map((name) => [name, wordOf(name)]));
  const present = new Set(words.values());
  const replies = kind === "agent" ? agentReplyWords(present) : kind === "group" ? groupReplies : new Set<string>();
  const found = new Map<string, Meaning>();
  for (const [name, word] of words) {
    const role = sureRole(word) ?? roleOn(kind, word, replies, present);
    // A model client's "generateResponse" is a model call.
    if (role !== undefined) found.set(name, { role: role === "reply" && kind === "client" ? "modelCall" : role, word, isSure: sure.has(word) });
  }
  return found;
}

/** Whether a method of what is known to be a model client asks the model. */
export function isCallOnClient(name: string): boolean {
  const word = wordOf(name);
  return clientCalls.has(word) || sure.get(word) === "modelCall";
}

function roleOn(kind: Kind, word: string, replies: ReadonlySet<string>, present: ReadonlySet<string>): Role | undefined {
  if (replies.has(word)) return "reply";
  if (kind !== "tool" && registrations.has(word)) return "registration";
  switch (kind) {
    case "agent": {
      const message = AGENT_MESSAGES[word];
      // Without a method that makes replies, what an agent does when it is handed a message is its turn.
      if (message === "receive" && replies.size === 0 && !hasSureReply(present)) return "turn";
      return message ?? (agentRuns.has(word) && hasSureReply(present) ? "chat" : undefined);
    }
    case "group":
      return groupChats.has(word) ? "chat" : undefined;
    case "client":
      return clientCalls.has(word) ? "modelCall" : undefined;
    case "tool":
      return toolCalls.has(word) ? "toolCall" : undefined;
  }
}

/** Weaker words count only where no stronger one is there: `processMessage` beside `generateReply` is plumbing. */
function agentReplyWords(present: ReadonlySet<string>): ReadonlySet<string> {
  if (hasSureReply(present)) return new Set();
  return agentReplies.find((words) => [...words].some((word) => present.has(word))) ?? new Set();
}

function hasSureReply(present: ReadonlySet<string>): boolean {
  return [...present].some((word) => sure.get(word) === "reply");
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
