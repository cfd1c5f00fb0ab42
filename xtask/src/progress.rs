//! Progress lines on standard error: what is being done, and how long it took.

use std::time::{Duration, Instant};

/// A shorter step is not worth a second line.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// A step that is under way; it ends when this is dropped.
pub struct Progress {
    name: String,
    start: Instant,
}

impl Progress {
    /// Prints the name of the step and starts its clock.
    pub fn start(name: &str) -> Self {
        eprintln!("… {name}");
        Self { name: name.to_owned(), start: Instant::now() }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let elapsed = self.start.elapsed();
        if elapsed > WORTH_TELLING {
            eprintln!("  {}: {:.1} s", self.name, elapsed.as_secs_f64());
        }
    }
}
