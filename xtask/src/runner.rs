//! Runs a test program, shows what it says, and reads its own closing counts.

use crate::failure::{Failure, Outcome};
use std::io::{BufRead, BufReader, Write, stdout};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

/// Tests as a runner counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and held.
    pub passed: usize,
    /// Ran and did not hold, or was cut off.
    pub failed: usize,
    /// Did not run although nobody filtered it out.
    pub skipped: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// What one runner came to.
pub struct Report {
    /// Sum of its closing lines; nothing when it printed none.
    pub counts: Option<Counts>,
    /// Whether it ended well by its own account.
    pub succeeded: bool,
}

/// How a runner words its closing lines: what one line adds, if it is such a line.
pub type Reader = fn(&str) -> Option<Counts>;

/// Runs `command` to its end.
pub fn run(mut command: Command, read: Reader) -> Outcome<Report> {
    let program = command.get_program().to_string_lossy().into_owned();
    let broken = |cause: std::io::Error| Failure::new(format!("cannot run `{program}`: {cause}"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    let mut counts: Option<Counts> = None;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.map_err(broken)?;
            let line = String::from_utf8_lossy(&line);
            // A closed terminal must not end the tests.
            let _ = writeln!(stdout(), "{line}");
            if let Some(more) = read(&line) {
                *counts.get_or_insert_default() += more;
            }
        }
    }
    let status = child.wait().map_err(broken)?;
    Ok(Report {
        counts,
        succeeded: status.success(),
    })
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s`
pub fn cargo_line(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in numbers.split("; ") {
        match part.split_once(' ') {
            Some((number, "passed")) => counts.passed = number.parse().ok()?,
            Some((number, "failed")) => counts.failed = number.parse().ok()?,
            Some((number, "ignored")) => counts.skipped = number.parse().ok()?,
            _ => {}
        }
    }
    Some(counts)
}

/// `ℹ pass 12`, one such line per kind
pub fn node_line(line: &str) -> Option<Counts> {
    let (kind, number) = line.strip_prefix("ℹ ")?.trim_end().split_once(' ')?;
    let number: usize = number.parse().ok()?;
    match kind {
        "pass" => Some(Counts {
            passed: number,
            ..Counts::default()
        }),
        "fail" | "cancelled" => Some(Counts {
            failed: number,
            ..Counts::default()
        }),
        "skipped" | "todo" => Some(Counts {
            skipped: number,
            ..Counts::default()
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(read: Reader, text: &str) -> Option<Counts> {
        text.lines().filter_map(read).reduce(|mut sum, more| {
            sum += more;
            sum
        })
    }

    #[test]
    fn closing_lines_of_cargo_test_are_added_up() {
        let text = "test a ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test result: FAILED. 1 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(
            sum(cargo_line, text),
            Some(Counts {
                passed: 3,
                failed: 3,
                skipped: 1
            })
        );
    }

    #[test]
    fn closing_lines_of_node_are_added_up() {
        let text = "✔ a (1ms)\nℹ tests 6\nℹ suites 1\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 100.5\n";
        assert_eq!(
            sum(node_line, text),
            Some(Counts {
                passed: 3,
                failed: 2,
                skipped: 1
            })
        );
    }

    #[test]
    fn a_runner_that_broke_before_its_closing_lines_has_no_counts() {
        assert_eq!(sum(cargo_line, "error: could not compile\n"), None);
        assert_eq!(sum(node_line, "node: bad option\n"), None);
    }
}
