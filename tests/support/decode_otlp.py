"""Reads an OTLP request with OpenTelemetry's own definitions.

    python decode_otlp.py < BODY_IN_BASE64

Standard output: {"spans": [{"name", "traceId", "spanId", "parentId", "status", "attributes"}...], "again": whether the
same bytes come out when it is written again, so that nothing in it was unknown or oddly spelled}.
"""

import base64
import json
import sys

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def value(any_value):
    kind = any_value.WhichOneof("value")
    return None if kind is None else getattr(any_value, kind)


body = base64.b64decode(sys.stdin.read())
request = ExportTraceServiceRequest.FromString(body)
spans = [
    {
        "name": span.name,
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "parentId": span.parent_span_id.hex(),
        "status": span.status.code,
        "attributes": {pair.key: value(pair.value) for pair in span.attributes},
    }
    for resource in request.resource_spans
    for scope in resource.scope_spans
    for span in scope.spans
]
json.dump({"spans": spans, "again": request.SerializeToString(deterministic=True) == body}, sys.stdout)
