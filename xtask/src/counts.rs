//! The counts of all test runners together, read from the lines that close their output.

use crate::failure::{Failure, Outcome};
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Command, Stdio};

/// How many tests of all runners passed and failed, and what else went wrong.
#[derive(Default)]
pub struct Counts {
    passed: usize,
    failed: usize,
    problems: Vec<String>,
}

impl Counts {
    /// Runs tests, shows their output and adds up its closing lines. A test that is skipped is a problem unless
    /// `may_skip`: a name leaves tests out, and Node calls those skipped.
    pub fn run(&mut self, name: &str, command: &mut Command, may_skip: bool) {
        println!("— {name}");
        if let Err(cause) = self.read(name, command, may_skip) {
            self.problems.push(format!("cannot run {name}: {cause}"));
        }
    }

    fn read(&mut self, name: &str, command: &mut Command, may_skip: bool) -> std::io::Result<()> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let (mut counted, mut failed, mut skipped) = (false, 0, 0);
        for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
            let line = String::from_utf8_lossy(&line?).into_owned();
            // A closed terminal must not end the tests.
            let _ = writeln!(stdout(), "{line}");
            for (count, kind) in closing_counts(&line) {
                counted = true;
                match kind {
                    "passed" | "pass" => self.passed += count,
                    "failed" | "fail" | "cancelled" => failed += count,
                    "ignored" | "skipped" | "todo" => skipped += count,
                    _ => {}
                }
            }
        }
        let status = child.wait()?;
        self.failed += failed;
        if !counted {
            self.problems.push(format!("{name} broke off before it counted its tests"));
        } else if !status.success() && failed == 0 {
            self.problems.push(format!("{name} failed although no test did"));
        }
        if skipped > 0 && !may_skip {
            self.problems.push(format!("{name} skipped {skipped} tests"));
        }
        Ok(())
    }

    /// Prints the sums. Tests that failed are an error, and so is a run without any test: its name is misspelt.
    pub fn close(mut self) -> Outcome {
        println!("\n{} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 {
            self.problems.insert(0, format!("{} tests failed", self.failed));
        }
        if self.passed + self.failed == 0 {
            self.problems.push("no test ran".to_owned());
        }
        if self.problems.is_empty() { Ok(()) } else { Err(Failure::new(self.problems.join("; "))) }
    }
}

/// The counts in a closing line of cargo (`test result: ok. 12 passed; 0 failed; 1 ignored; …`) or of Node
/// (`ℹ pass 12`); none in any other line.
fn closing_counts(line: &str) -> Vec<(usize, &str)> {
    let cargo = line.strip_prefix("test result: ").and_then(|line| line.split_once(". "));
    let cargo = cargo.into_iter().flat_map(|(_, counts)| counts.split("; ")).filter_map(|count| count.split_once(' '));
    let node = line.strip_prefix("ℹ ").and_then(|line| line.trim_end().split_once(' '));
    let pairs = cargo.chain(node.map(|(kind, count)| (count, kind)));
    pairs.filter_map(|(count, kind)| Some((count.parse().ok()?, kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::closing_counts;

    #[test]
    fn closing_lines_of_both_runners_are_read_and_no_others() {
        let cargo = "test result: FAILED. 1 passed; 3 failed; 2 ignored; 0 measured; 5 filtered out; finished in 0.00s";
        assert_eq!(closing_counts(cargo)[..3], [(1, "passed"), (3, "failed"), (2, "ignored")]);
        assert_eq!(closing_counts("ℹ cancelled 4"), [(4, "cancelled")]);
        for other in ["ℹ duration_ms 100.5", "error: could not compile", "node: bad option", "test a ... ok"] {
            assert_eq!(closing_counts(other), [], "{other}");
        }
    }
}
