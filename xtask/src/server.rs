//! A running MLflow server on a free port of this machine.

use crate::failure::{At, Failure, Outcome};
use crate::progress::Progress;
use crate::project::Project;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(200);
/// What shells report of a program that ended on Ctrl-C.
const INTERRUPTED: i32 = 130;

/// The process group of the running server, for the interrupt handler; 0 means none.
static GROUP: AtomicU32 = AtomicU32::new(0);

/// A server that stops, with all its processes, when dropped and when this program is interrupted.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts MLflow with its SQLite database and artifacts in `folder`; returns when it answers.
    ///
    /// At most once in a run: the program has one interrupt handler.
    pub fn start(project: &Project, python: &Path, folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder).at("make", folder)?;
        let port = free_port()?;
        let log = project.made("mlflow-server.log");
        let out = File::create(&log).at("write", &log)?;
        let err = out.try_clone().at("write", &log)?;
        let mut command = Command::new(python);
        command.args([
            "-m",
            "mlflow",
            "server",
            "--host",
            "127.0.0.1",
            "--workers",
            "1",
            "--port",
        ]);
        command.arg(port.to_string());
        command
            .arg("--backend-store-uri")
            .arg(format!("sqlite:///{}", folder.join("mlflow.db").display()));
        command
            .arg("--artifacts-destination")
            .arg(folder.join("artifacts"));
        // No workers for evaluations: seven processes that nobody asked for.
        command
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .env("MLFLOW_DISABLE_TELEMETRY", "true");
        // A group of its own: the server starts more processes, which must end with it.
        command
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        stop_on_interrupt()?;
        let child = command.spawn().at("start", python)?;
        GROUP.store(child.id(), Ordering::SeqCst);
        let mut server = Self { child, port };
        server.wait_until_it_answers(&log)?;
        Ok(server)
    }

    /// The tracking URI.
    pub fn uri(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns only when the server ends by itself.
    pub fn wait(&mut self) {
        let _ = self.child.wait();
    }

    fn wait_until_it_answers(&mut self, log: &Path) -> Outcome {
        let _progress = Progress::start("starting the MLflow server");
        let start = Instant::now();
        while !self.is_healthy() {
            if !matches!(self.child.try_wait(), Ok(None)) || start.elapsed() > START_LIMIT {
                return Err(Failure::new("the MLflow server does not start")
                    .cure(format!("read `{}`", log.display())));
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    fn is_healthy(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            return false;
        };
        let request = format!(
            "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        );
        let mut answer = [0; 12];
        let asked = stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .and_then(|()| stream.write_all(request.as_bytes()));
        asked.and_then(|()| stream.read_exact(&mut answer)).is_ok() && answer.ends_with(b" 200")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop_group();
        let _ = self.child.wait();
    }
}

fn stop_on_interrupt() -> Outcome {
    let handler = || {
        stop_group();
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler)
        .map_err(|cause| Failure::new(format!("cannot listen for Ctrl-C: {cause}")))
}

fn stop_group() {
    let group = GROUP.swap(0, Ordering::SeqCst);
    if group != 0 {
        let _ = Command::new("kill")
            .args(["-TERM", "--", &format!("-{group}")])
            .stderr(Stdio::null())
            .status();
    }
}

fn free_port() -> Outcome<u16> {
    let port =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    port.map(|address| address.port())
        .map_err(|cause| Failure::new(format!("no free port on this machine: {cause}")))
}
