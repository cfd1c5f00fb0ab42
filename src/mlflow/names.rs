//! Every attribute key, header, path and type name of MLflow: the only such strings.
//!
//! Sources: mlflow/tracing/constant.py (`SpanAttributeKey`, `TraceTagKey`), mlflow/entities/span.py
//! (`SpanType`), mlflow/entities/span_log_level.py, mlflow/ag2/ag2_logger.py.

use crate::trace::{AttributeKey, Span, SpanKind, Status};

/// Key of a span's inputs.
pub const SPAN_INPUTS: &str = "mlflow.spanInputs";
/// Key of a span's outputs.
pub const SPAN_OUTPUTS: &str = "mlflow.spanOutputs";
/// Key of a span's type; its value is always plain text, or the server's filters miss it.
pub const SPAN_TYPE: &str = "mlflow.spanType";
/// Key of a span's log level, 10 to 50.
pub const SPAN_LOG_LEVEL: &str = "mlflow.spanLogLevel";
/// Key of the format of chat messages.
pub const MESSAGE_FORMAT: &str = "mlflow.message.format";
/// What AG2's messages are called there.
pub const MESSAGE_FORMAT_AG2: &str = "ag2";
/// Key of a model call's token counts.
pub const TOKEN_USAGE: &str = "mlflow.chat.tokenUsage";
/// Key, on the root, of the trace's name; without it a trace that came by OTLP has none.
pub const TRACE_NAME_TAG: &str = "mlflow.traceTag.mlflow.traceName";

/// Name of the event of a failure, and the keys of its attributes (OpenTelemetry's).
pub const EXCEPTION: &str = "exception";
/// The error's class.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// The error's message.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// The error's stack trace.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";

/// Who made the spans: OTLP's instrumentation scope.
pub const SCOPE_NAME: &str = "mlflow-ag2";
/// Its version.
pub const SCOPE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Header that names the experiment spans go to.
pub const EXPERIMENT_ID_HEADER: &str = "x-mlflow-experiment-id";
/// Header of a body's type.
pub const CONTENT_TYPE_HEADER: &str = "content-type";
/// Type of an OTLP body.
pub const PROTOBUF: &str = "application/x-protobuf";
/// Type of a JSON body.
pub const JSON: &str = "application/json";

/// Where spans are posted (mlflow/server/otel_api.py).
pub const SPANS_PATH: &str = "/v1/traces";
/// Where an experiment is looked up by name.
pub const EXPERIMENT_BY_NAME_PATH: &str =
    "/api/2.0/mlflow/experiments/get-by-name?experiment_name=";
/// Where an experiment is looked up by id.
pub const EXPERIMENT_BY_ID_PATH: &str = "/api/2.0/mlflow/experiments/get?experiment_id=";
/// Where an experiment is created.
pub const EXPERIMENT_CREATE_PATH: &str = "/api/2.0/mlflow/experiments/create";
/// Where a trace is read with its spans (mlflow/store/tracking/rest_store.py, `get_trace`).
pub const TRACE_PATH: &str = "/api/3.0/mlflow/traces/get?allow_partial=true&trace_id=";

/// Id of the experiment that every MLflow server has.
pub const DEFAULT_EXPERIMENT_ID: &str = "0";
/// Its name.
pub const DEFAULT_EXPERIMENT_NAME: &str = "Default";

/// Error code of an experiment that somebody else created first.
pub const RESOURCE_ALREADY_EXISTS: &str = "RESOURCE_ALREADY_EXISTS";
/// Error code of a feature that is off for good, which comes with status 500.
pub const FEATURE_DISABLED: &str = "FEATURE_DISABLED";
/// The `lifecycle_stage` of a deleted experiment.
pub const DELETED: &str = "deleted";

/// MLflow's type of a span.
#[must_use]
pub const fn span_type(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Chain => "CHAIN",
        SpanKind::Agent => "AGENT",
        SpanKind::Model => "LLM",
        SpanKind::Tool => "TOOL",
    }
}

/// MLflow's log level of a span: 40 is ERROR, 20 is INFO, 10 is DEBUG.
#[must_use]
pub const fn log_level(span: &Span) -> i64 {
    match (&span.status, span.kind) {
        (Status::Error(_), _) => 40,
        (_, SpanKind::Chain) => 10,
        _ => 20,
    }
}

/// The key of an attribute. `source`, `cost` and `is_cached` are what Python's autolog writes; the
/// tool's are OpenTelemetry's, as Python writes none.
#[must_use]
pub const fn attribute_key(key: AttributeKey) -> &'static str {
    match key {
        AttributeKey::Model => "mlflow.llm.model",
        AttributeKey::Source => "source",
        AttributeKey::ChatTools => "mlflow.chat.tools",
        AttributeKey::CostUsd => "cost",
        AttributeKey::IsCached => "is_cached",
        AttributeKey::ToolCallId => "gen_ai.tool.call.id",
        AttributeKey::ToolDescription => "gen_ai.tool.description",
    }
}
