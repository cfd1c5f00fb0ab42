//! Generates the numbers that cross between TypeScript and Rust from their one list, the files of
//! `src/js/bridge/numbers`, so that the two languages cannot disagree.
//!
//! A file of lines `export const name = number;` becomes a module of Rust constants or, where each name is
//! the variant of an enum, an array of the variants in the order of their numbers.

// The bans of clippy.toml keep the core pure; a build script lives on files, output and the environment.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const FOLDER: &str = "src/js/bridge/numbers";
const CONSTANTS: [&str; 3] = ["value-tags", "trace-fields", "redactable-texts"];
const VARIANTS: [(&str, &str); 2] = [("operation-kinds", "SpanKind"), ("attribute-ids", "AttributeKey")];

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=build.rs");
    let mut generated = String::new();
    for file in CONSTANTS {
        let constants = numbers_of(file).into_iter().map(|(name, number)| {
            let name = upper_snake_case(&name);
            format!("#[allow(dead_code)] pub const {name}: u32 = {number};")
        });
        let (module, constants) = (file.replace('-', "_"), constants.collect::<String>());
        writeln!(generated, "pub mod {module} {{ {constants} }}").expect("text takes text");
    }
    for (file, variant_of) in VARIANTS {
        let mut numbers = numbers_of(file);
        numbers.sort_by_key(|(_, number)| *number);
        let variants = numbers.iter().enumerate().map(|(index, (name, number))| {
            assert_eq!(index, *number, "`{file}.ts` must number from 0 on");
            let (first, rest) = name.split_at(1);
            format!("{variant_of}::{}{rest},", first.to_uppercase())
        });
        let (name, variants) = (file.replace('-', "_").to_uppercase(), variants.collect::<String>());
        let count = numbers.len();
        writeln!(generated, "pub const {name}: [{variant_of}; {count}] = [{variants}];").expect("text takes text");
    }
    let folder = env::var("OUT_DIR").expect("cargo names the folder");
    fs::write(Path::new(&folder).join("numbers.rs"), generated).expect("the folder takes files");
}

fn numbers_of(file: &str) -> Vec<(String, usize)> {
    let path = format!("{FOLDER}/{file}.ts");
    let text = fs::read_to_string(&path).expect("the list of numbers is part of the crate");
    let lines = text.lines().filter_map(|line| {
        let (name, number) = line.strip_prefix("export const ")?.split_once(" = ")?;
        let number = number.trim_end_matches(';').parse();
        Some((name.to_owned(), number.expect("a line ends with a number")))
    });
    lines.collect()
}

fn upper_snake_case(name: &str) -> String {
    let mut upper = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            upper.push('_');
        }
        upper.extend(letter.to_uppercase());
    }
    upper
}
