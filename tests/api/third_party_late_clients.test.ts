/** Model clients that libraries make late: in the first reply, or anew for each one. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autolog, setTrackingUri, stats } from "mlflow-ag2";
import { newLog, ScriptedOpenAI } from "../third_party/script.js";
import { lastTrace, outline } from "../third_party/traces.js";

const REQUEST = [{ role: "user", content: "hello" }];
const TURN = ["AGENT a", "  LLM chat_completion"];

interface Client {
  chat: ScriptedOpenAI["chat"];
}

/** A client whose class no library exports. */
const newClient = (): Client => new ScriptedOpenAI(["hi", "hi", "hi"], newLog());

class Provider {
  readonly client = newClient();

  async complete(messages: readonly unknown[]): Promise<string> {
    const { choices } = await this.client.chat.completions.create({ model: "m", messages });
    return choices[0]!.message.content!;
  }
}

interface Replies {
  reply(messages: readonly unknown[]): Promise<string>;
}

/** Libraries by how they come by their provider. */
const LIBRARIES: Record<string, new () => Replies> = {
  "that is assigned in the first reply": class {
    readonly name = "a";
    provider: Provider | null = null;
    async reply(messages: readonly unknown[]): Promise<string> {
      this.provider ??= new Provider();
      return this.provider.complete(messages);
    }
  },
  "that is assigned to a property that did not exist": class {
    readonly name = "a";
    async reply(messages: readonly unknown[]): Promise<string> {
      const self = this as { provider?: Provider };
      if (!("provider" in self)) self.provider = new Provider();
      return self.provider!.complete(messages);
    }
  },
  "that is assigned after an await": class {
    readonly name = "a";
    async reply(messages: readonly unknown[]): Promise<string> {
      await Promise.resolve();
      const self = this as { llm?: Provider };
      self.llm ??= new Provider();
      return self.llm.complete(messages);
    }
  },
  "that is replaced in each reply": class {
    readonly name = "a";
    provider = new Provider();
    async reply(messages: readonly unknown[]): Promise<string> {
      this.provider = new Provider();
      return this.provider.complete(messages);
    }
  },
  "that is assigned within the settings": class {
    readonly name = "a";
    readonly config: { client: Provider | undefined } = { client: undefined };
    async reply(messages: readonly unknown[]): Promise<string> {
      this.config.client ??= new Provider();
      return this.config.client.complete(messages);
    }
  },
  "that a method gives": class {
    readonly name = "a";
    getProviderFor(_: object): Provider {
      return new Provider();
    }
    async reply(messages: readonly unknown[]): Promise<string> {
      return this.getProviderFor({}).complete(messages);
    }
  },
  "that an asynchronous method gives": class {
    readonly name = "a";
    async createClient(): Promise<Client> {
      await Promise.resolve();
      return newClient();
    }
    async reply(messages: readonly unknown[]): Promise<string> {
      const client = await this.createClient();
      return (await client.chat.completions.create({ model: "m", messages })).choices[0]!.message.content!;
    }
  },
  "that a function in a property gives": class {
    readonly name = "a";
    readonly makeModel = (): Provider => new Provider();
    async reply(messages: readonly unknown[]): Promise<string> {
      return this.makeModel().complete(messages);
    }
  },
  "that a getter gives": class {
    readonly name = "a";
    #made: Provider | undefined;
    get llm(): Provider {
      return (this.#made ??= new Provider());
    }
    async reply(messages: readonly unknown[]): Promise<string> {
      return this.llm.complete(messages);
    }
  },
};

before(() => setTrackingUri("memory:"));
after(() => {
  autolog({ disable: true });
  assert.equal(stats().hookFailures, 0);
});

describe("each turn has the model call of a client", () => {
  for (const [how, Library] of Object.entries(LIBRARIES))
    test(how, async () => {
      autolog({ library: { HelpfulAgent: Library } });
      const agent = new Library();
      for (let turn = 0; turn < 3; turn += 1) {
        assert.equal(await agent.reply(REQUEST), "hi");
        assert.deepEqual(outline(await lastTrace()), TURN, `turn ${turn + 1}`);
      }
    });
});

test("an agent is after its replies what it was before, but for what it has assigned", async () => {
  const [Assigns, Adds] = Object.values(LIBRARIES);
  for (const Library of [Assigns!, Adds!]) {
    autolog({ library: { HelpfulAgent: Library } });
    const agent = new Library();
    const seen: unknown[] = [];
    const { reply } = agent;
    await Reflect.apply(reply, agent, [REQUEST]);
    seen.push(Object.getPrototypeOf(agent) === Library.prototype, Object.keys(agent));
    assert.deepEqual(seen, [true, ["name", "provider"]]);
    assert.equal(Object.getOwnPropertyDescriptor(agent, "provider")!.writable, true);
  }
});

test("an agent that a reply of its own replaces its client in sees its assignments at once", async () => {
  class Careful {
    readonly name = "a";
    client: object | null = null;
    readonly seen: unknown[] = [];
    async reply(): Promise<string> {
      const [first, second] = [{}, {}];
      this.client = first;
      this.seen.push(this.client === first, Object.keys(this), { ...this }.client === first, this instanceof Careful);
      const derived = Object.create(this) as Careful;
      derived.client = second;
      this.seen.push(this.client === first, derived.client === second, Object.keys(derived));
      return "done";
    }
  }
  autolog({ library: { CarefulAgent: Careful } });
  const agent = new Careful();
  await agent.reply();
  const keys = ["name", "client", "seen"];
  assert.deepEqual(agent.seen, [true, keys, true, true, true, true, ["client"]]);
});
