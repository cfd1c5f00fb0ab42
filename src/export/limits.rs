//! How much waits at most, how much travels together, and how long things wait.

/// The default limit of the memory of traces in progress: a tab should not grow by much more, and a chat with some
/// images fits.
const OPEN_BYTES: usize = 64 << 20;

/// The limits of delivery. `init` of the package can set all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Spans that wait for delivery at most.
    pub buffer_spans: usize,
    /// Bytes of memory that wait for delivery at most; a history that spans share counts once.
    pub buffer_bytes: usize,
    /// Bytes of memory of traces in progress at most; beyond that the values of the oldest spans are cut.
    pub open_bytes: usize,
    /// Spans of one request at most, unless what cannot be taken apart has more.
    pub batch_spans: usize,
    /// Bytes of one request at most; the largest values of a span that alone has more are cut.
    pub batch_bytes: usize,
    /// How long a finished trace waits for company, in milliseconds.
    pub batch_delay_ms: u64,
    /// How long a finished span of a trace in progress waits, in milliseconds.
    pub live_delay_ms: u64,
    /// The milliseconds after its beginning when a trace that has not ended is ended.
    pub trace_timeout_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Some 800 calculator chats, more than a page makes while its server restarts.
            buffer_spans: 20_000,
            // A tab should not grow by more.
            buffer_bytes: 32 << 20,
            open_bytes: OPEN_BYTES,
            // OpenTelemetry's OTEL_BSP_MAX_EXPORT_BATCH_SIZE.
            batch_spans: 512,
            // nginx refuses bodies over 1 MB by default.
            batch_bytes: 1_000_000,
            batch_delay_ms: 1_000,
            // OpenTelemetry's OTEL_BSP_SCHEDULE_DELAY, which Python's exporter keeps.
            live_delay_ms: 5_000,
            // mlflow/environment_variables.py, MLFLOW_TRACE_BUFFER_TTL_SECONDS.
            trace_timeout_ms: 3_600_000,
        }
    }
}
