//! Runs one command: quiet while it goes well, with its own words and the cure when it does not.

use crate::failure::{At, Failure, Outcome};
use crate::progress::Progress;
use crate::project::Project;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(25);
const FIRST_LINES: usize = 12;
const LAST_LINES: usize = 28;

/// One command with a name a person understands.
pub struct Step<'a> {
    project: &'a Project,
    name: String,
    command: Command,
    cure: Option<String>,
    limit: Option<Duration>,
}

impl<'a> Step<'a> {
    /// A step that runs `command` and is called `name` in progress lines and errors.
    pub fn new(project: &'a Project, name: impl Into<String>, command: Command) -> Self {
        Self {
            project,
            name: name.into(),
            command,
            cure: None,
            limit: None,
        }
    }

    /// What a person can do when the step fails.
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    /// Ends the command when it takes longer: for downloads that may hang where there is no network.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it with its output kept in a log file, whose gist is part of the failure.
    pub fn run(mut self) -> Outcome {
        let log = self.log_path()?;
        let out = File::create(&log).at("write", &log)?;
        let err = out.try_clone().at("write", &log)?;
        let progress = Progress::start(&self.name);
        let mut child = self.spawn(Stdio::from(out), Stdio::from(err))?;
        let ended = self.wait(&mut child)?;
        drop(progress);
        match ended {
            Some(status) if status.success() => Ok(()),
            ended => {
                let why = ended.map_or("took too long".to_owned(), |status| {
                    format!("failed ({status})")
                });
                let text = fs::read_to_string(&log).unwrap_or_default();
                Err(self.failure(&format!(
                    "{why}; what it said, in full in `{}`:\n{}",
                    log.display(),
                    gist(&text)
                )))
            }
        }
    }

    /// Runs it with its output shown as it comes.
    pub fn show(mut self) -> Outcome {
        let mut child = self.spawn(Stdio::inherit(), Stdio::inherit())?;
        match self.wait(&mut child)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(self.failure(&format!("failed ({status})"))),
            None => Err(self.failure("took too long")),
        }
    }

    /// Runs it and returns what it wrote to standard output, as bytes.
    pub fn output(mut self) -> Outcome<Vec<u8>> {
        let progress = Progress::start(&self.name);
        let output = self
            .command
            .stdin(Stdio::null())
            .output()
            .map_err(|cause| self.not_started(&cause))?;
        drop(progress);
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(self.failure(&format!(
            "failed ({}):\n{}",
            output.status,
            gist(&String::from_utf8_lossy(&output.stderr))
        )))
    }

    fn spawn(&mut self, out: Stdio, err: Stdio) -> Outcome<Child> {
        self.command.stdin(Stdio::null()).stdout(out).stderr(err);
        self.command
            .spawn()
            .map_err(|cause| self.not_started(&cause))
    }

    fn wait(&self, child: &mut Child) -> Outcome<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            let ended = child
                .try_wait()
                .map_err(|cause| self.failure(&format!("cannot be waited for: {cause}")))?;
            if ended.is_some() {
                return Ok(ended);
            }
            if self.limit.is_some_and(|limit| start.elapsed() > limit) {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(None);
            }
            std::thread::sleep(POLL);
        }
    }

    fn log_path(&self) -> Outcome<PathBuf> {
        let folder = self.project.made("logs");
        fs::create_dir_all(&folder).at("make", &folder)?;
        let slug: String = self
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        Ok(folder.join(format!("{slug}.log")))
    }

    fn not_started(&self, cause: &std::io::Error) -> Failure {
        let program = self.command.get_program().to_string_lossy();
        match cause.kind() {
            ErrorKind::NotFound => self.failure(&format!("needs `{program}`, which is not there")),
            _ => self.failure(&format!("cannot start `{program}`: {cause}")),
        }
    }

    fn failure(&self, why: &str) -> Failure {
        let failure = Failure::new(format!("{} {why}", self.name));
        match &self.cure {
            Some(cure) => failure.cure(cure),
            None => failure,
        }
    }
}

/// What `program` prints for `words`, trimmed; nothing when it is missing or fails.
pub fn ask(program: impl AsRef<std::ffi::OsStr>, words: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Beginning and end of a long output: some programs name the cause first and explain themselves at length.
fn gist(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= FIRST_LINES + LAST_LINES {
        return lines.join("\n");
    }
    let (first, last) = (&lines[..FIRST_LINES], &lines[lines.len() - LAST_LINES..]);
    format!("{}\n[…]\n{}", first.join("\n"), last.join("\n"))
}
