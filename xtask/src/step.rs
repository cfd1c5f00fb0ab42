//! One command of another program: quiet while it goes well; when it fails, the error quotes its output and has the
//! help.

use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(10);
/// A shorter step is not worth a second line.
const WORTH_TELLING: Duration = Duration::from_secs(1);
/// How much of a log is shown: some programs print the reason first and long explanations after it.
const FIRST_LINES: usize = 12;
const LAST_LINES: usize = 28;

/// A progress line on standard error; a second one has the time when this is dropped.
pub struct Progress(String, Instant);

impl Progress {
    /// Prints the name of the step and starts its clock.
    pub fn start(name: &str) -> Self {
        eprintln!("… {name}");
        Self(name.to_owned(), Instant::now())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.1.elapsed() > WORTH_TELLING {
            eprintln!("  {}: {:.1} s", self.0, self.1.elapsed().as_secs_f64());
        }
    }
}

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

    /// Runs it with its output shown as it comes.
    pub fn show(mut self) -> Outcome {
        println!("— {}", self.name);
        self.wait().map_err(|why| self.failure(&why))
    }

    /// Runs it with its output in a log file, which the error quotes.
    pub fn run(self) -> Outcome {
        self.log("log").map(drop)
    }

    /// Runs it and returns what it wrote to standard output.
    pub fn output(self) -> Outcome<Vec<u8>> {
        let path = self.log("out")?;
        fs::read(&path).at("read", &path)
    }

    /// Runs it with standard output in a file of this ending, whose path is returned, and the rest in a log file.
    fn log(mut self, ending: &str) -> Outcome<PathBuf> {
        let name: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let log = self.project.made("logs").join(name).with_extension("log");
        let output = log.with_extension(ending);
        self.command.stderr(emptied(&log)?).stdout(emptied(&output)?);
        let _progress = Progress::start(&self.name);
        let result = self.wait();
        result.map(|()| output).map_err(|why| {
            let text = fs::read_to_string(&log).unwrap_or_default();
            self.failure(&format!("{why}; its output, in full in `{}`:\n{}", log.display(), excerpt(&text)))
        })
    }

    /// Waits for its end; the error says how it failed.
    fn wait(&mut self) -> Result<(), String> {
        let program = self.command.get_program().to_string_lossy().into_owned();
        let mut child = self.command.spawn().map_err(|cause| format!("cannot start `{program}`: {cause}"))?;
        let start = Instant::now();
        loop {
            match child.try_wait().map_err(|cause| format!("cannot be waited for: {cause}"))? {
                Some(status) => return succeeded(status),
                None if self.limit.is_some_and(|limit| start.elapsed() > limit) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err("took too long".to_owned());
                }
                None => std::thread::sleep(POLL),
            }
        }
    }

    fn failure(&self, why: &str) -> Failure {
        let failure = Failure::new(format!("{} {why}", self.name));
        self.help.iter().fold(failure, |failure, help| failure.help(help))
    }
}

fn succeeded(status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("failed ({status})")) }
}

/// The file, empty, to which all who open it append.
fn emptied(path: &Path) -> Outcome<File> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).at("make", folder)?;
    File::create(path).at("write", path)?;
    File::options().append(true).open(path).at("write", path)
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
