"""Continues a trace that another program began, and begins one for another program to continue.

    python continue_trace.py TRACKING_URI TRACEPARENT

Prints the header of its own trace as `RESULT {"traceparent": ...}`.
"""

import json
import sys

import mlflow
from mlflow.tracing import (
    get_tracing_context_headers_for_http_request,
    set_tracing_context_from_http_request_headers,
)

mlflow.set_tracking_uri(sys.argv[1])

with set_tracing_context_from_http_request_headers({"traceparent": sys.argv[2]}):
    with mlflow.start_span("in Python") as span:
        span.set_outputs("seen")

with mlflow.start_span("begun in Python") as span:
    headers = get_tracing_context_headers_for_http_request()

mlflow.flush_trace_async_logging()
print("RESULT " + json.dumps(headers))
