//! Lines for a person who waits: a step that takes longer than a second says so, and again every minute.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const SILENT: Duration = Duration::from_secs(1);
const REMINDER: Duration = Duration::from_secs(60);

/// A running step; ends when dropped.
pub struct Progress {
    stop: Option<Sender<()>>,
    speaker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock of the step called `name`.
    pub fn start(name: &str) -> Self {
        let (stop, stopped) = channel();
        let name = name.to_owned();
        let speaker = std::thread::spawn(move || speak(&name, &stopped));
        Self {
            stop: Some(stop),
            speaker: Some(speaker),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(speaker) = self.speaker.take() {
            let _ = speaker.join();
        }
    }
}

fn speak(name: &str, stopped: &Receiver<()>) {
    let start = Instant::now();
    if stopped.recv_timeout(SILENT) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    eprintln!("… {name}");
    while stopped.recv_timeout(REMINDER) == Err(RecvTimeoutError::Timeout) {
        eprintln!("… {name}, for {} s now", start.elapsed().as_secs());
    }
    eprintln!("  {name}: {:.1} s", start.elapsed().as_secs_f64());
}
