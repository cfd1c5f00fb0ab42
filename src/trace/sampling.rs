//! The sampling of traces by a ratio.

use super::TraceId;

/// Whether a trace is sampled at a ratio from 0 to 1. The id of the trace decides, by the rule of OpenTelemetry's
/// `TraceIdRatioBased` sampler, which MLflow uses (mlflow/tracing/sampling.py): programs with the same ratio sample
/// the same traces, and a smaller ratio samples a subset of those of a larger one.
#[must_use]
pub fn is_sampled(id: &TraceId, ratio: f64) -> bool {
    const ALL: f64 = 18_446_744_073_709_551_616.0;
    let mut last = [0; 8];
    last.copy_from_slice(&id.as_bytes()[8..]);
    // The cast saturates; NaN becomes 0 and samples nothing.
    ratio >= 1.0 || u64::from_be_bytes(last) < (ratio * ALL) as u64
}
