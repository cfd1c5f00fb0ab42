//! Plays the kept inputs of the fuzzers through their targets, and variations of them.
//!
//! `cargo xtask fuzz` searches for new ones; what it finds is put into `tests/fuzz/corpus`.

// The bans keep the library pure; this reads files, draws random numbers and prints how to repeat a run.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

// The fuzzers use the same files as crates of their own, where the items are reachable.
#[allow(unreachable_pub)]
#[path = "fuzz/targets/mod.rs"]
mod targets;

use targets::TARGETS;

/// Variations of each kept input.
const VARIATIONS: usize = 3;
/// Bytes of an input out of nowhere, at most.
const LONGEST: usize = 600;

/// The kept inputs of a target: one a line, in hexadecimal digits.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let file = format!("{}/tests/fuzz/corpus/{target}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).expect("a corpus");
    text.lines().map(bytes_of).collect()
}

fn bytes_of(line: &str) -> Vec<u8> {
    let pairs = line.as_bytes().chunks_exact(2);
    let digits = pairs.map(|pair| std::str::from_utf8(pair).expect("digits"));
    digits.map(|pair| u8::from_str_radix(pair, 16).expect("two hexadecimal digits")).collect()
}

/// A number from a row that is the same for the same seed (xorshift, George Marsaglia).
struct Row(u64);

impl Row {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Bytes changed, cut out, repeated, or put together with those of another input.
fn variation(row: &mut Row, one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = one.to_vec();
    for _ in 0..=row.below(4) {
        let place = row.below(bytes.len());
        match row.below(4) {
            0 if !bytes.is_empty() => bytes[place] = row.below(256) as u8,
            1 => bytes.truncate(place),
            2 => bytes.insert(place, row.below(256) as u8),
            _ => bytes.extend(other.iter().skip(row.below(other.len())).take(40)),
        }
    }
    bytes
}

fn play(target: &str, run: fn(&[u8]), bytes: &[u8]) {
    if std::panic::catch_unwind(|| run(bytes)).is_err() {
        let line: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!("`{target}` does not hold for this input, which belongs into its corpus: {line}");
    }
}

#[test]
fn every_recorded_input_holds() {
    for (name, run) in TARGETS {
        for bytes in corpus(name) {
            play(name, *run, &bytes);
        }
    }
}

#[test]
fn every_target_has_inputs_that_are_worth_keeping() {
    for (name, _) in TARGETS {
        assert!(!corpus(name).is_empty(), "`{name}` has no corpus");
    }
}

#[test]
fn variations_of_the_recorded_inputs_hold() {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = match std::env::var("MLFLOW_AG2_FUZZ_SEED") {
        Ok(given) => given.parse().expect("a seed is a number"),
        Err(_) => time.expect("after 1970").as_nanos() as u64,
    };
    println!("MLFLOW_AG2_FUZZ_SEED={seed} repeats this");
    let mut row = Row(seed | 1);
    for (name, run) in TARGETS {
        let inputs = corpus(name);
        for one in &inputs {
            for _ in 0..VARIATIONS {
                let other = &inputs[row.below(inputs.len())];
                let bytes = variation(&mut row, one, other);
                play(name, *run, &bytes);
            }
        }
        for _ in 0..200 {
            let bytes: Vec<u8> = (0..row.below(LONGEST)).map(|_| row.below(256) as u8).collect();
            play(name, *run, &bytes);
        }
    }
}
