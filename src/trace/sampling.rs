//! Which traces are recorded where only a part of them is wanted.

use super::TraceId;

/// Whether a trace is among the part `ratio` (0 to 1) of all that is recorded. The trace's own id
/// decides, by the rule of OpenTelemetry's `TraceIdRatioBased` sampler, which MLflow uses
/// (mlflow/tracing/sampling.py): programs with the same ratio choose the same traces, and a smaller
/// ratio chooses some of those that a larger one does.
#[must_use]
pub fn is_sampled(id: &TraceId, ratio: f64) -> bool {
    const ALL: f64 = 18_446_744_073_709_551_616.0;
    let mut last = [0; 8];
    last.copy_from_slice(&id.as_bytes()[8..]);
    // A cast saturates; what is not a number chooses nothing.
    ratio >= 1.0 || u64::from_be_bytes(last) < (ratio * ALL) as u64
}
