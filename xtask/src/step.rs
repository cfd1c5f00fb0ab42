//! One command of another program: quiet while it goes well, with its own args and the help when it fails.

use crate::failure::{At, Failure, Outcome};
use crate::progress::Progress;
use crate::project::Project;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(25);
/// How much of a log is shown: some programs print the cause first and long explanations after it.
const FIRST_LINES: usize = 12;
const LAST_LINES: usize = 28;

/// One command, with a name that a person understands.
pub struct Step<'a> {
    project: &'a Project,
    name: String,
    command: Command,
    help: Option<String>,
    limit: Option<Duration>,
}

impl<'a> Step<'a> {
    /// A step that runs `command` and is called `name` in progress lines and errors.
    pub fn new(project: &'a Project, name: impl Into<String>, mut command: Command) -> Self {
        command.stdin(Stdio::null());
        Self { project, name: name.into(), command, help: None, limit: None }
    }

    /// Names what a person can do when the step fails.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Ends the command when it takes longer: for downloads that may hang where there is no network.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it with its output in a log file, which the error quotes.
    pub fn run(mut self) -> Outcome {
        let (path, log) = self.log()?;
        self.command.stdout(log.try_clone().at("write", &path)?).stderr(log);
        let _progress = Progress::start(&self.name);
        let status = self.start().and_then(|mut child| self.wait(&mut child))?;
        self.check(status, Some(path))
    }

    /// Runs it with its output shown as it comes.
    pub fn show(mut self) -> Outcome {
        let status = self.start().and_then(|mut child| self.wait(&mut child))?;
        self.check(status, None)
    }

    /// Runs it and returns what it wrote to standard output.
    pub fn output(mut self) -> Outcome<Vec<u8>> {
        let (path, log) = self.log()?;
        self.command.stdout(Stdio::piped()).stderr(log);
        let _progress = Progress::start(&self.name);
        let output = self.start()?.wait_with_output().map_err(|cause| self.failure(&format!("broke off: {cause}")))?;
        self.check(Some(output.status), Some(path))?;
        Ok(output.stdout)
    }

    fn start(&mut self) -> Outcome<Child> {
        self.command.spawn().map_err(|cause| {
            let program = self.command.get_program().to_string_lossy();
            match cause.kind() {
                ErrorKind::NotFound => self.failure(&format!("needs `{program}`, which is not there")),
                _ => self.failure(&format!("cannot start `{program}`: {cause}")),
            }
        })
    }

    /// The status of the command; nothing when it took too long.
    fn wait(&self, child: &mut Child) -> Outcome<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            let ended = child.try_wait().map_err(|cause| self.failure(&format!("cannot be waited for: {cause}")))?;
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

    fn check(&self, status: Option<ExitStatus>, log: Option<PathBuf>) -> Outcome {
        let why = match status {
            Some(status) if status.success() => return Ok(()),
            Some(status) => format!("failed ({status})"),
            None => "took too long".to_owned(),
        };
        let Some(log) = log else { return Err(self.failure(&why)) };
        let text = fs::read_to_string(&log).unwrap_or_default();
        Err(self.failure(&format!("{why}; its output, in full in `{}`:\n{}", log.display(), excerpt(&text))))
    }

    fn log(&self) -> Outcome<(PathBuf, File)> {
        let folder = self.project.made("logs");
        fs::create_dir_all(&folder).at("make", &folder)?;
        let name: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let path = folder.join(name).with_extension("log");
        let file = File::create(&path).at("write", &path)?;
        Ok((path, file))
    }

    fn failure(&self, why: &str) -> Failure {
        let failure = Failure::new(format!("{} {why}", self.name));
        match &self.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// What `program` prints for `args`, trimmed; nothing when it is missing or fails.
pub fn ask(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn excerpt(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= FIRST_LINES + LAST_LINES {
        return lines.join("\n");
    }
    let (first, last) = (&lines[..FIRST_LINES], &lines[lines.len() - LAST_LINES..]);
    format!("{}\n[…]\n{}", first.join("\n"), last.join("\n"))
}
