//! Data that nothing reads once panics trap at once: their messages, and the places in sources that they name.
//!
//! The linker says what the data consists of and which instruction or data refers to which of it (its option
//! `--emit-relocs`). What is not reached from an instruction that is left becomes zeros, which take no room.

use crate::failure::{At, Failure, Outcome};
use crate::npm;
use crate::project::Project;
use crate::step::Step;
use std::collections::HashSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use wasm_bindgen_cli_support::Output;
use wasmparser::{DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocationType, SymbolInfo};

/// Asks the linker for what stands below.
pub const LINKER_FLAG: &str = "-Clink-arg=--emit-relocs";
const SECTIONS: [&str; 3] = ["linking", "reloc.CODE", "reloc.DATA"];
/// Passes after which the arguments of panics are gone, of which none computes with an address: the constants that are
/// left are those that the linker wrote.
const PASSES: [&str; 8] = [
    "--all-features",
    "--dae",
    "--simplify-locals",
    "--vacuum",
    "--dae",
    "--simplify-locals",
    "--vacuum",
    "--remove-unused-module-elements",
];
const NO_ADDRESS: &str = "data has no address that is a number";

type Parsed<T> = Result<T, wasmparser::BinaryReaderError>;

/// A piece of data, as the linker knows it.
struct Piece {
    addresses: Range<u32>,
    /// The addresses that instructions hold: of its beginning, of something in it, or, for a table that is counted
    /// from 1, of something before it.
    in_code: Vec<u32>,
    /// The pieces that its content refers to, by their places in the linker's table of symbols.
    refers_to: Vec<usize>,
}

/// A segment of data: where it is in memory, and where in the file.
struct Segment {
    address: u32,
    at: Range<usize>,
}

/// Leaves out of the module what only this file reads.
pub fn remove_sections(output: &mut Output) {
    for name in SECTIONS {
        output.wasm_mut().customs.remove_raw(name);
    }
}

/// Writes zeros in place of what no instruction of `module` reaches; `compiled` is what the linker made.
pub fn clear(project: &Project, compiled: &Path, module: &Path) -> Outcome {
    let pruned = module.with_extension("pruned");
    let mut command = Command::new(npm::program(project, "wasm-opt"));
    command.args(PASSES).arg(module).arg("--output").arg(&pruned);
    Step::new(project, "looking for data that nothing reads", command).run()?;
    let linked = fs::read(compiled).at("read", compiled)?;
    let left = fs::read(&pruned).at("read", &pruned)?;
    fs::remove_file(&pruned).at("remove", &pruned)?;
    let mut bytes = fs::read(module).at("read", module)?;
    let unreadable = |cause| Failure::new(format!("the module cannot be read: {cause}"));
    let unused = unused(&linked, &left).map_err(unreadable)?;
    for segment in segments(&bytes).map_err(unreadable)? {
        for piece in &unused {
            let overlap = segment.overlap(piece);
            bytes[overlap].fill(0);
        }
    }
    fs::write(module, bytes).at("write", module)
}

/// The addresses of the pieces of `linked` that no instruction of `left` reaches.
fn unused(linked: &[u8], left: &[u8]) -> Parsed<Vec<Range<u32>>> {
    let pieces = pieces(linked)?;
    let constants = constants(left)?;
    let mut reached = vec![false; pieces.len()];
    let mut to_visit = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let is_held = |address: &u32| constants.contains(address);
        if piece.in_code.iter().any(is_held) || piece.addresses.clone().any(|one| is_held(&one)) {
            to_visit.push(number);
        }
    }
    while let Some(number) = to_visit.pop() {
        if !std::mem::replace(&mut reached[number], true) {
            to_visit.extend(&pieces[number].refers_to);
        }
    }
    let (mut unused, mut used) = (Vec::new(), Vec::new());
    for (piece, is_reached) in pieces.iter().zip(reached) {
        let list = if is_reached { &mut used } else { &mut unused };
        list.push(piece.addresses.clone());
    }
    // Texts that end alike may share their bytes.
    unused.retain(|one| {
        let is_apart = |other: &Range<u32>| other.end <= one.start || one.end <= other.start;
        used.iter().all(is_apart)
    });
    Ok(unused)
}

/// What the data consists of. What is no data has a place in the table too, and no addresses.
fn pieces(linked: &[u8]) -> Parsed<Vec<Piece>> {
    let segments = segments(linked)?;
    let mut pieces = Vec::new();
    let mut data_start = 0;
    // The table of symbols comes before what refers to it.
    for payload in Parser::new(0).parse_all(linked) {
        let section = match payload? {
            Payload::DataSection(reader) => {
                data_start = reader.range().start;
                continue;
            }
            Payload::CustomSection(section) => section,
            _ => continue,
        };
        let is_code = section.name() == "reloc.CODE";
        match section.as_known() {
            KnownCustom::Linking(reader) => {
                for part in reader.subsections() {
                    if let Linking::SymbolTable(symbols) = part? {
                        for symbol in symbols {
                            pieces.push(Piece {
                                addresses: addresses(&symbol?, &segments),
                                in_code: Vec::new(),
                                refers_to: Vec::new(),
                            });
                        }
                    }
                }
            }
            KnownCustom::Reloc(reader) => {
                for entry in reader.entries() {
                    let entry = entry?;
                    let target = entry.index as usize;
                    match entry.ty {
                        RelocationType::MemoryAddrLeb
                        | RelocationType::MemoryAddrSleb
                        | RelocationType::MemoryAddrI32 => {}
                        _ => continue,
                    }
                    if is_code {
                        let start = pieces[target].addresses.start;
                        let address = start.wrapping_add_signed(entry.addend as i32);
                        pieces[target].in_code.push(address);
                    } else {
                        let place = data_start + entry.offset as usize;
                        let address = segments.iter().find_map(|one| one.address_of(place));
                        let holds = |piece: &&mut Piece| address.is_some_and(|one| piece.addresses.contains(&one));
                        for piece in pieces.iter_mut().filter(holds) {
                            piece.refers_to.push(target);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(pieces)
}

fn addresses(symbol: &SymbolInfo<'_>, segments: &[Segment]) -> Range<u32> {
    let SymbolInfo::Data { symbol: Some(defined), .. } = symbol else { return 0..0 };
    // What begins as zeros may have no segment.
    segments.get(defined.index as usize).map_or(0..0, |segment| {
        let start = segment.address + defined.offset;
        start..start + defined.size
    })
}

fn segments(module: &[u8]) -> Parsed<Vec<Segment>> {
    let mut segments = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(reader) = payload? else {
            continue;
        };
        for data in reader {
            let data = data?;
            let address = match data.kind {
                DataKind::Active { offset_expr, .. } => match offset_expr.get_operators_reader().read()? {
                    Operator::I32Const { value } => value.cast_unsigned(),
                    other => panic!("{NO_ADDRESS}: {other:?}"),
                },
                DataKind::Passive => panic!("{NO_ADDRESS}"),
            };
            let end = data.range.end;
            segments.push(Segment { address, at: end - data.data.len()..end });
        }
    }
    Ok(segments)
}

impl Segment {
    fn address_of(&self, place: usize) -> Option<u32> {
        let contains = self.at.contains(&place);
        contains.then(|| self.address + (place - self.at.start) as u32)
    }

    /// Where in the file those addresses are, as far as they are in the segment.
    fn overlap(&self, addresses: &Range<u32>) -> Range<usize> {
        let place = |address: u32| {
            let offset = address.saturating_sub(self.address) as usize;
            self.at.end.min(self.at.start + offset)
        };
        place(addresses.start)..place(addresses.end)
    }
}

/// Every number that an instruction holds, as an address or the offset to one.
fn constants(module: &[u8]) -> Parsed<HashSet<u32>> {
    let mut constants = HashSet::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    let operator = operator?;
                    if let Operator::I32Const { value } = operator {
                        constants.insert(value.cast_unsigned());
                    } else if let Some(offset) = offset(&operator) {
                        constants.insert(offset as u32);
                    }
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    for operator in global?.init_expr.get_operators_reader() {
                        if let Operator::I32Const { value } = operator? {
                            constants.insert(value.cast_unsigned());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(constants)
}

/// What a load or store adds to the address that it is given.
fn offset(operator: &Operator<'_>) -> Option<u64> {
    use Operator::*;
    match operator {
        I32Load { memarg }
        | I64Load { memarg }
        | F32Load { memarg }
        | F64Load { memarg }
        | I32Load8S { memarg }
        | I32Load8U { memarg }
        | I32Load16S { memarg }
        | I32Load16U { memarg }
        | I64Load8S { memarg }
        | I64Load8U { memarg }
        | I64Load16S { memarg }
        | I64Load16U { memarg }
        | I64Load32S { memarg }
        | I64Load32U { memarg }
        | I32Store { memarg }
        | I64Store { memarg }
        | F32Store { memarg }
        | F64Store { memarg }
        | I32Store8 { memarg }
        | I32Store16 { memarg }
        | I64Store8 { memarg }
        | I64Store16 { memarg }
        | I64Store32 { memarg } => Some(memarg.offset),
        _ => None,
    }
}
