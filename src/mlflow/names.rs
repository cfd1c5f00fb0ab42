//! Every attribute key, header, path and type name of MLflow: the only such strings.
//!
//! Sources: mlflow/tracing/constant.py (`SpanAttributeKey`, `TraceTagKey`), mlflow/entities/span.py
//! (`SpanType`), mlflow/entities/span_log_level.py, mlflow/ag2/ag2_logger.py.

use crate::trace::{AttributeKey, EventKind, Span, SpanKind, Status};

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
/// Key of the id of the trace that a span is part of.
pub const TRACE_REQUEST_ID: &str = "mlflow.traceRequestId";
/// Key of a model call's token counts.
pub const TOKEN_USAGE: &str = "mlflow.chat.tokenUsage";
/// Tag of the trace's name; without it a trace that came by OTLP has none.
pub const TRACE_NAME: &str = "mlflow.traceName";

/// Key, on the root, before that of a tag of the trace.
pub const TRACE_TAG_PREFIX: &str = "mlflow.traceTag.";
/// Metadata of a trace's session (mlflow/tracing/constant.py, `TraceMetadataKey`).
pub const TRACE_SESSION: &str = "mlflow.trace.session";
/// Metadata of a trace's user.
pub const TRACE_USER: &str = "mlflow.trace.user";
/// Metadata of a trace's token counts.
pub const TRACE_TOKEN_USAGE: &str = "mlflow.trace.tokenUsage";
/// Metadata that says how the rest is to be read; its value is `3`.
pub const TRACE_SCHEMA: &str = "mlflow.trace_schema.version";
/// Metadata of the program that recorded a trace (mlflow/utils/mlflow_tags.py).
pub const SOURCE_NAME: &str = "mlflow.source.name";
/// Metadata of the kind of that program.
pub const SOURCE_TYPE: &str = "mlflow.source.type";
/// A program of its own, as Python's default says (mlflow/entities/source_type.py).
pub const SOURCE_LOCAL: &str = "LOCAL";
/// Metadata of the user of that program.
pub const SOURCE_USER: &str = "mlflow.user";
/// Metadata of the host of that program.
pub const SOURCE_HOST: &str = "mlflow_ag2.host";
/// Metadata of the version of this package.
pub const SOURCE_VERSION: &str = "mlflow_ag2.version";
/// Key, on the root, of the trace's session.
pub const SESSION_ID: &str = "session.id";
/// Key, on the root, of the trace's user.
pub const USER_ID: &str = "user.id";

/// Key of what an operation is, in OpenTelemetry's words (or AG2's, which has more).
pub const OPERATION_NAME: &str = "gen_ai.operation.name";
/// Key of what an operation is, in AG2's words.
pub const AG2_SPAN_TYPE: &str = "ag2.span.type";
/// Key of the agent that an operation is about.
pub const AGENT_NAME: &str = "gen_ai.agent.name";
/// Key of the conversation that a chat is or continues; the server takes it for the session of a trace
/// that names none (mlflow/store/tracking/sqlalchemy_store.py, `_log_spans_once`).
pub const CONVERSATION_ID: &str = "gen_ai.conversation.id";
/// Key of the model that was asked for.
pub const REQUEST_MODEL: &str = "gen_ai.request.model";
/// Key of who serves the model, in OpenTelemetry's words.
pub const PROVIDER_NAME: &str = "gen_ai.provider.name";
/// Key of the tokens of a prompt.
pub const USAGE_INPUT: &str = "gen_ai.usage.input_tokens";
/// Key of the tokens of an answer.
pub const USAGE_OUTPUT: &str = "gen_ai.usage.output_tokens";
/// Key of the prompt's tokens that the provider's cache had.
pub const USAGE_CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
/// Key of what a call cost, in US dollars (AG2's).
pub const USAGE_COST: &str = "gen_ai.usage.cost";
/// Key of the tokens that an answer out of AG2's cache would have cost otherwise.
pub const SAVED_USAGE: &str = "ag2.cache.saved_usage";
/// How many bytes of a span's values were cut, because it was larger than a request may be.
pub const CUT_BYTES: &str = "mlflow_ag2.cut_bytes";
/// Key of a tool's name.
pub const TOOL_NAME: &str = "gen_ai.tool.name";
/// Key of what a tool is made of.
pub const TOOL_TYPE: &str = "gen_ai.tool.type";
/// The only kind of tool that AG2 has.
pub const TOOL_TYPE_FUNCTION: &str = "function";
/// Key of the class of the error that an operation failed with.
pub const ERROR_TYPE: &str = "error.type";

/// What an operation is: OpenTelemetry's name and AG2's, as AG2's own instrumentation gives them
/// (autogen/opentelemetry/consts.py, `SpanType`); `None` for what is none of AG2's.
#[must_use]
pub const fn operation(kind: SpanKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        SpanKind::Chain => ("conversation", "conversation"),
        SpanKind::Agent => ("invoke_agent", "agent"),
        SpanKind::Model => ("chat", "llm"),
        SpanKind::Embedding => ("embeddings", "llm"),
        SpanKind::Tool => ("execute_tool", "tool"),
        SpanKind::Chats => ("initiate_chats", "multi_conversation"),
        SpanKind::SpeakerSelection => ("speaker_selection", "speaker_selection"),
        SpanKind::HumanInput => ("await_human_input", "human_input"),
        SpanKind::CodeExecution => ("execute_code", "code_execution"),
        SpanKind::Custom => return None,
    })
}

/// OpenTelemetry's word for a provider, given MLflow's (autogen/opentelemetry/utils.py, `API_TYPE_TO_PROVIDER`).
#[must_use]
pub fn gen_ai_provider(provider: &str) -> Option<&'static str> {
    match provider {
        "azure" => Some("azure.ai.openai"),
        "bedrock" => Some("aws.bedrock"),
        "mistral" => Some("mistral_ai"),
        _ => None,
    }
}

/// Name of the event of a failure (OpenTelemetry's).
pub const EXCEPTION: &str = "exception";

/// Who made the spans: OTLP's instrumentation scope.
pub const SCOPE_NAME: &str = "mlflow-ag2";
/// Its version.
pub const SCOPE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Header that names the experiment spans go to.
pub const EXPERIMENT_ID_HEADER: &str = "x-mlflow-experiment-id";
/// Header of a body's type.
pub const CONTENT_TYPE_HEADER: &str = "content-type";
/// Header that names the workspace a request is about (mlflow/utils/workspace_utils.py).
pub const WORKSPACE_HEADER: &str = "x-mlflow-workspace";
/// Type of an OTLP body.
pub const PROTOBUF: &str = "application/x-protobuf";
/// Type of a JSON body.
pub const JSON: &str = "application/json";

/// Where spans are posted (mlflow/server/otel_api.py).
pub const SPANS_PATH: &str = "/v1/traces";
/// The path of the call that stores the info of a trace (`StartTraceV3`).
pub const TRACES_PATH: &str = "/api/3.0/mlflow/traces";
/// Where experiments are searched.
pub const EXPERIMENT_SEARCH_PATH: &str = "/api/2.0/mlflow/experiments/search";
/// Where an experiment is looked up by name.
pub const EXPERIMENT_BY_NAME_PATH: &str = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=";
/// Where an experiment is looked up by id.
pub const EXPERIMENT_BY_ID_PATH: &str = "/api/2.0/mlflow/experiments/get?experiment_id=";
/// Where an experiment is created.
pub const EXPERIMENT_CREATE_PATH: &str = "/api/2.0/mlflow/experiments/create";
/// Where a trace is read with its spans (mlflow/store/tracking/rest_store.py, `get_trace`).
pub const TRACE_PATH: &str = "/api/3.0/mlflow/traces/get?allow_partial=true&trace_id=";

/// Where a server says what it can do, from MLflow 3.9 on (mlflow/server/server_info_api.py).
pub const SERVER_INFO_PATH: &str = "/api/3.0/mlflow/server-info";
/// Where a server says how old it is.
pub const VERSION_PATH: &str = "/version";
/// Where a server that hands files on takes them (mlflow/server/handlers.py, `_upload_artifact`).
pub const ARTIFACTS_PATH: &str = "/api/2.0/mlflow-artifacts/artifacts/";
/// How the location begins of files that the server hands on.
pub const ARTIFACTS_SCHEME: &str = "mlflow-artifacts:";
/// The file that has the spans of a trace (mlflow/store/artifact/artifact_repo.py, `TRACE_DATA_FILE_NAME`).
pub const SPANS_FILE: &str = "/traces.json";
/// The `store_type` of a server that keeps its data in files, and spans apart from traces.
pub const FILE_STORE: &str = "FileStore";

/// Id of the experiment that every MLflow server has.
pub const DEFAULT_EXPERIMENT_ID: &str = "0";
/// Its name.
pub const DEFAULT_EXPERIMENT_NAME: &str = "Default";

/// Error code of an experiment that somebody else created first.
pub const RESOURCE_ALREADY_EXISTS: &str = "RESOURCE_ALREADY_EXISTS";
/// Error code of an experiment that is not there.
pub const DOES_NOT_EXIST: &str = "RESOURCE_DOES_NOT_EXIST";
/// Error code of a request that says something wrong.
pub const INVALID_PARAMETER: &str = "INVALID_PARAMETER_VALUE";
/// Error code of a feature that is off for good, which comes with status 500.
pub const FEATURE_DISABLED: &str = "FEATURE_DISABLED";
/// The `lifecycle_stage` of a deleted experiment.
pub const DELETED: &str = "deleted";

/// MLflow's type of a span.
#[must_use]
pub fn span_type(span: &Span) -> &str {
    match span.kind {
        SpanKind::Chain | SpanKind::Chats | SpanKind::SpeakerSelection => "CHAIN",
        SpanKind::Agent => "AGENT",
        SpanKind::Model => "LLM",
        SpanKind::Embedding => "EMBEDDING",
        SpanKind::Tool | SpanKind::CodeExecution => "TOOL",
        SpanKind::HumanInput => "TASK",
        SpanKind::Custom => span.type_name.as_deref().unwrap_or("UNKNOWN"),
    }
}

/// The name of an event.
#[must_use]
pub fn event_name(kind: &EventKind) -> &str {
    match kind {
        EventKind::Exception => EXCEPTION,
        EventKind::FirstToken => "first_token",
        EventKind::Named(name) => name,
        EventKind::Link(..) => "link",
    }
}

/// MLflow's log level of a span: 40 is ERROR, which an exception met on the way is enough for
/// (mlflow/entities/span.py, `add_event`), 20 is INFO, 10 is DEBUG
/// (mlflow/tracing/utils/default_log_level.py).
#[must_use]
pub fn log_level(span: &Span) -> i64 {
    let met_error = span.events.iter().any(|event| event_name(&event.kind) == EXCEPTION);
    match (&span.status, span_type(span)) {
        (Status::Error(_), _) => 40,
        _ if met_error => 40,
        (_, "AGENT" | "LLM" | "TOOL" | "CHAT_MODEL" | "RETRIEVER" | "EMBEDDING") => 20,
        _ => 10,
    }
}

/// The key of an attribute. `source`, `cost` and `is_cached` are what Python's autolog writes; what
/// begins with `gen_ai` is OpenTelemetry's, with `ag2` what AG2's own instrumentation writes
/// (autogen/opentelemetry/instrumentators) or, where it has no word for something, what it might.
#[must_use]
pub fn attribute_key(key: &AttributeKey) -> &str {
    match key {
        AttributeKey::Model => "mlflow.llm.model",
        AttributeKey::Source => "source",
        AttributeKey::ChatTools => "mlflow.chat.tools",
        AttributeKey::ChatMessages => "mlflow.chat.messages",
        AttributeKey::CostUsd => "cost",
        AttributeKey::IsCached => "is_cached",
        AttributeKey::ToolCallId => "gen_ai.tool.call.id",
        AttributeKey::ToolDescription => "gen_ai.tool.description",
        AttributeKey::AgentName => AGENT_NAME,
        AttributeKey::Provider => "mlflow.llm.provider",
        AttributeKey::MessageFormat => MESSAGE_FORMAT,
        AttributeKey::ConversationId => CONVERSATION_ID,
        AttributeKey::ConversationTurns => "gen_ai.conversation.turns",
        AttributeKey::ConversationMaxTurns => "gen_ai.conversation.max_turns",
        AttributeKey::Temperature => "gen_ai.request.temperature",
        AttributeKey::MaxTokens => "gen_ai.request.max_tokens",
        AttributeKey::TopP => "gen_ai.request.top_p",
        AttributeKey::FrequencyPenalty => "gen_ai.request.frequency_penalty",
        AttributeKey::PresencePenalty => "gen_ai.request.presence_penalty",
        AttributeKey::Seed => "gen_ai.request.seed",
        AttributeKey::ChoiceCount => "gen_ai.request.choice.count",
        AttributeKey::ResponseModel => "gen_ai.response.model",
        AttributeKey::ResponseId => "gen_ai.response.id",
        AttributeKey::FinishReasons => "gen_ai.response.finish_reasons",
        AttributeKey::FirstTokenSeconds => "gen_ai.response.time_to_first_chunk",
        AttributeKey::SavedCostUsd => "ag2.cache.saved_cost",
        AttributeKey::ConfigIndex => "ag2.config_list.index",
        AttributeKey::SpeakerCandidates => "ag2.speaker_selection.candidates",
        AttributeKey::SpeakerSelected => "ag2.speaker_selection.selected",
        AttributeKey::SpeakerMethod => "ag2.speaker_selection.method",
        AttributeKey::ExitCode => "ag2.code_execution.exit_code",
        AttributeKey::ChatsCount => "ag2.chats.count",
        AttributeKey::ChatsMode => "ag2.chats.mode",
        AttributeKey::ChatsRecipients => "ag2.chats.recipients",
        AttributeKey::ChatsIds => "ag2.chats.ids",
        AttributeKey::ExceptionType => "exception.type",
        AttributeKey::ExceptionMessage => "exception.message",
        AttributeKey::ExceptionStack => "exception.stacktrace",
        AttributeKey::RedactionFailed => "mlflow_ag2.redaction_failed",
        AttributeKey::Abandoned => "mlflow_ag2.abandoned",
        AttributeKey::TimedOut => "mlflow_ag2.timed_out",
        AttributeKey::Named(name) => name,
    }
}
