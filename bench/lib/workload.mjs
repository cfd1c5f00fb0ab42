/**
 * The conversation that every peer traces. Runs in every host: no imports.
 *
 * One root AGENT span; per turn an AGENT span with an LLM span below it, whose inputs are the whole
 * history so far and whose outputs are one message, with model and token usage; every second turn a
 * TOOL span. A message has 200 characters, a quoted word and a line break, which JSON escapes.
 */

const WORDS = [
  "the agent reads a plan and calls one tool before it answers with numbers from the last report while we check",
  "budget limits sources tables dates owners risks costs and next steps for every open item",
]
  .join(" ")
  .split(" ");
const MESSAGE_CHARACTERS = 200;

/** Spans of a chat of so many turns. */
export const spansOf = (turns) => 1 + 2 * turns + (turns >> 1);

/** The same numbers for the same seed, from 0 to 1. */
function numbers(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function message(next) {
  const words = [];
  for (let length = 0; length < MESSAGE_CHARACTERS; length += words.at(-1).length + 1)
    words.push(WORDS[Math.floor(next() * WORDS.length)]);
  const middle = words.length >> 1;
  words[middle] = `"${words[middle]}"`;
  words[middle + 1] = `\n${words[middle + 1]}`;
  return words.join(" ").slice(0, MESSAGE_CHARACTERS);
}

/** A chat of so many turns. Another seed makes other messages of the same length. */
export function makeChat(turns, seed = 7) {
  const next = numbers(seed);
  const history = [{ role: "system", content: message(next) }];
  const list = [];
  for (let at = 0; at < turns; at++) {
    const question = { role: "user", content: message(next) };
    history.push(question);
    // What an agent hands to its model: a list of its own, of the same messages.
    const inputs = history.slice();
    const reply = { role: "assistant", content: message(next) };
    history.push(reply);
    const inputTokens = 50 * inputs.length;
    list.push({
      agent: at % 2 === 1 ? "critic" : "writer",
      question,
      inputs,
      reply,
      model: "gpt-4o-mini",
      usage: { input_tokens: inputTokens, output_tokens: 48, total_tokens: inputTokens + 48 },
      tool:
        at % 2 === 1
          ? {
              name: "search",
              arguments: { query: `item ${at}`, limit: 5 },
              result: { hits: 3, best: `doc-${at}`, score: 0.87 },
            }
          : undefined,
    });
  }
  return { turns: list, inputs: list[0].question, outputs: list.at(-1).reply };
}

/** Begins a chat; gives the root. */
export const beginChat = (peer, chat) => peer.start(null, "AGENT", "chat", chat.inputs);

/** One turn of a chat below `root`. Parents are named, nothing is awaited: only the tracer is measured. */
export function runTurn(peer, root, turn) {
  const agent = peer.start(root, "AGENT", turn.agent, turn.question);
  const model = peer.start(agent, "LLM", "chat.completions", turn.inputs, turn);
  peer.end(model, turn.reply, turn);
  if (turn.tool !== undefined)
    peer.end(peer.start(agent, "TOOL", turn.tool.name, turn.tool.arguments), turn.tool.result);
  peer.end(agent, turn.reply);
}

/** All of a chat. */
export function runChat(peer, chat) {
  const root = beginChat(peer, chat);
  for (const turn of chat.turns) runTurn(peer, root, turn);
  peer.end(root, chat.outputs);
}

/** The JSON texts that an exporter has to carry: inputs and outputs of every span, in order of their begin. */
export function payloadOf(chat) {
  const texts = [JSON.stringify(chat.inputs), JSON.stringify(chat.outputs)];
  for (const { question, inputs, reply, tool } of chat.turns) {
    texts.push(JSON.stringify(question), JSON.stringify(reply), JSON.stringify(inputs), JSON.stringify(reply));
    if (tool !== undefined) texts.push(JSON.stringify(tool.arguments), JSON.stringify(tool.result));
  }
  return texts;
}
