/**
 * Agents that await functions which are not hooked before they ask their models, and spans that start after an await.
 * Prints the outlines of all traces: in a page they are those of Node only if the scope is carried across each await.
 */

import { autolog, searchTraces, setTrackingUri, stats, withSpan } from "mlflow-ag2";
import { newLog, ScriptedOpenAI } from "./script.js";
import { outline } from "./traces.js";

/** What this program prints. */
export interface AcrossAwaitReport {
  /** The outlines of all traces, sorted. */
  outlines: string[][];
  detached: number;
  hookFailures: number;
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A part of the library that nothing hooks. */
async function lookUp(given: string | Promise<string>): Promise<string> {
  await later();
  // In most calls it is no promise.
  const topic = await given;
  return withSpan(async () => (await later(), topic), { name: `look up ${topic}` });
}

async function* pieces(count: number): AsyncGenerator<number> {
  for (let index = 0; index < count; index += 1) {
    await later();
    yield index;
  }
}

async function failing(): Promise<never> {
  await later();
  throw new Error("not today");
}

class TalkAgent {
  readonly name: string;
  readonly client: ScriptedOpenAI;

  constructor(name: string) {
    this.name = name;
    this.client = new ScriptedOpenAI(
      Array.from({ length: 9 }, () => `${name} speaks`),
      newLog(),
    );
  }

  async generateReply(messages: readonly { role: string; content: string }[]): Promise<string> {
    const topics = await Promise.all([lookUp(`${this.name} 1`), lookUp(`${this.name} 2`)]);
    for await (const _ of pieces(2)) await this.#ask(messages);
    await failing().catch(() => undefined);
    try {
      await failing();
    } catch {
      await lookUp(`${this.name} after ${topics.length}`);
    }
    return this.#ask(messages);
  }

  async #ask(messages: readonly object[]): Promise<string> {
    await later();
    const { choices } = await this.client.chat.completions.create({ model: "m", messages });
    return choices[0]!.message.content!;
  }

  async initiateChat(recipient: TalkAgent, message: string): Promise<string> {
    await later();
    return recipient.generateReply([{ role: "user", content: message }]);
  }
}

setTrackingUri("memory:");
autolog({ library: { TalkAgent } });
const chat = async (who: string): Promise<void> => {
  await later();
  await withSpan(
    async () => {
      await later();
      await new TalkAgent(`${who} a`).initiateChat(new TalkAgent(`${who} b`), "hello");
      await later();
      await withSpan(() => later(), { name: `after ${who}` });
    },
    { name: `request ${who}` },
  );
};
await chat("one");
await Promise.all([chat("two"), chat("three"), chat("four")]);
const { traces } = await searchTraces();
const report: AcrossAwaitReport = {
  outlines: traces.map(outline).sort((one, other) => (one.join() < other.join() ? -1 : 1)),
  detached: stats().detached,
  hookFailures: stats().hookFailures,
};
console.log(`RESULT ${JSON.stringify(report)}`);
