/** Repeatable randomness: sequences of numbers from a seed that is printed. */

import { randomInt } from "node:crypto";

/** Returns a random whole number below `below`. */
export type Random = (below: number) => number;

/** The seed of this run: the value of the environment variable, else a new one. */
export function seedFrom(variable: string): number {
  const given = process.env[variable];
  return given === undefined || given === "" ? randomInt(2 ** 31) : Number(given);
}

/**
 * Returns a generator of numbers from 0 to 1 for a seed (mulberry32, by Tommy Ettinger, public domain: small, and good
 * enough to choose).
 */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a generator of whole numbers for a seed. */
export function seededRandom(seed: number): Random {
  const next = seededNumbers(seed);
  return (below) => Math.floor(next() * below);
}

/** Returns one of the values. */
export function one<T>(random: Random, of: readonly T[]): T {
  return of[random(of.length)]!;
}
