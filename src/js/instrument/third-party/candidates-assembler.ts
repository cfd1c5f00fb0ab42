/** Assembles the pieces of Gemini's streams, each a response with a part of its candidates, to one response. */

import { asList, field, type Fields, isObject } from "../fields.js";

type MutableRecord = Record<string, unknown>;

/** Assembles a response with `candidates` (ai.google.dev/api/generate-content#GenerateContentResponse). */
export class CandidatesAssembler {
  #response: MutableRecord | undefined;
  readonly #candidates: MutableRecord[] = [];

  /** Adds a chunk; returns whether it was one of such a response. */
  add(chunk: unknown): boolean {
    const candidates = asList(field(chunk, "candidates"));
    if (candidates === undefined) return false;
    this.#response = { ...this.#response, ...(chunk as Fields) };
    for (const [position, candidate] of candidates.entries()) {
      if (!isObject(candidate)) continue;
      const { content, ...rest } = candidate;
      const target = (this.#candidates[position] ??= { content: { role: "model", parts: [] } });
      Object.assign(target, rest);
      const parts = (target["content"] as { parts: MutableRecord[] }).parts;
      for (const part of asList(field(content, "parts")) ?? []) if (isObject(part)) addPart(parts, part);
    }
    return true;
  }

  result(): MutableRecord | undefined {
    return this.#response && { ...this.#response, candidates: this.#candidates.filter(Boolean) };
  }
}

/** Text continues that of the part before, unless only one of the two is a thought. */
function addPart(parts: MutableRecord[], part: Fields): void {
  const last = parts.at(-1);
  const { text, thought } = part;
  if (typeof text === "string" && typeof last?.["text"] === "string" && last["thought"] === thought)
    last["text"] += text;
  else parts.push({ ...part });
}
