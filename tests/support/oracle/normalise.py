# mlflow-ag2 oracle: the golden form. Part of the recording kit that made tests/golden (tests/golden/README.md).
"""Turn an MLflow trace (the dict of Trace.to_dict()) into the form the golden files use.

Dropped: ids, times, user, host, source, artifact places, sizes.
Masked:  ChatResult.chat_id (a random 128-bit number), memory addresses.
Kept:    everything else.
"""

import hashlib
import json
import re

LONG = 4000  # a longer string is kept as its length and digest

ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
CHAT_ID_JSON = re.compile(r'("chat_id": )\d+')
TRACE_ID = re.compile(r"\btr-[0-9a-f]{32}\b")
RUN_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")

# span attributes that have a field of their own, or that are ids
MOVED = {"mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType", "mlflow.traceRequestId",
         "mlflow.experimentId", "mlflow.spanFunctionName"}
# span attributes whose value is an id or changes from run to run; only their presence is noted
VOLATILE = {"client_id", "wrapper_id", "invocation_id", "mlflow.spanStartTimeNs"}

DROPPED_TAGS = {"mlflow.artifactLocation", "mlflow.user"}
DROPPED_METADATA = {"mlflow.user", "mlflow.trace.sizeBytes", "mlflow.trace.sizeStats", "mlflow.source.name",
                    "mlflow.source.type", "mlflow.trace.infoFinalized", "mlflow.sourceRun", "mlflow.modelId"}


def clean(value):
    """JSON data without what changes from run to run."""
    if isinstance(value, dict):
        out = {}
        for k, v in value.items():
            if k == "chat_id" and (isinstance(v, int) or (isinstance(v, str) and RUN_UUID.fullmatch(v))):
                out[k] = "<chat_id>"
            else:
                out[k] = clean(v)
        return out
    if isinstance(value, list):
        return [clean(v) for v in value]
    if isinstance(value, float):
        return float("%.10g" % value)
    if isinstance(value, str):
        return clean_text(value)
    return value


def shorten(text):
    if len(text) <= LONG:
        return text
    raw = text.encode("utf-8", "surrogatepass")
    return "<long text: %d UTF-8 bytes, sha256 %s, begins %s>" % (
        len(raw), hashlib.sha256(raw).hexdigest(), json.dumps(text[:40], ensure_ascii=False))


def clean_text(text):
    text = ADDRESS.sub("0x<addr>", shorten(text))
    text = CHAT_ID_JSON.sub(r"\1<chat_id>", text)
    text = TRACE_ID.sub("tr-<id>", text)
    return RUN_UUID.sub("<uuid>", text)


def loads(value):
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def status_name(status):
    code = str((status or {}).get("code", "")) if isinstance(status, dict) else str(status)
    code = code.replace("STATUS_CODE_", "")
    return {"0": "UNSET", "1": "OK", "2": "ERROR"}.get(code, code) or "UNSET"


def event(raw):
    attributes = raw.get("attributes") or {}
    out = {"name": raw.get("name")}
    if "exception.type" in attributes or "exception.message" in attributes:
        out["type"] = loads(attributes.get("exception.type"))
        out["message"] = clean(loads(attributes.get("exception.message")))
    elif attributes:
        out["attributes"] = clean({k: loads(v) for k, v in attributes.items()})
    return out


def span(raw, timing=None):
    attributes = {k: loads(v) for k, v in (raw.get("attributes") or {}).items()}
    status = raw.get("status") or {}
    out = {
        "name": raw.get("name"),
        "type": attributes.get("mlflow.spanType"),
        "status": status_name(status),
        "status_description": clean_text((status.get("message") if isinstance(status, dict) else "") or ""),
        "inputs": clean(attributes.get("mlflow.spanInputs")),
        "outputs": clean(attributes.get("mlflow.spanOutputs")),
        "attributes": clean({k: v for k, v in sorted(attributes.items()) if k not in MOVED and k not in VOLATILE}),
        "volatile_attributes": sorted(k for k in attributes if k in VOLATILE),
        "events": [event(e) for e in (raw.get("events") or [])],
    }
    if timing is not None:
        start, end = int(raw["start_time_unix_nano"]), int(raw.get("end_time_unix_nano") or 0)
        out["start_ms"] = round((start - timing) / 1e6, 2)
        out["end_ms"] = round((end - timing) / 1e6, 2) if end else None
    out["children"] = []
    return out


def trace(data, timing=False):
    """`data`: {"info": ..., "data": {"spans": [...]}}."""
    info = data["info"]
    raws = sorted((data.get("data") or {}).get("spans") or [], key=lambda s: int(s["start_time_unix_nano"]))
    metadata = dict(info.get("trace_metadata") or {})
    tags = dict(info.get("tags") or {})

    zero = int(raws[0]["start_time_unix_nano"]) if (timing and raws) else None
    made = {r["span_id"]: span(r, zero) for r in raws}
    roots, orphans = [], []
    for r in raws:
        parent = r.get("parent_span_id")
        if not parent:
            roots.append(made[r["span_id"]])
        elif parent in made:
            made[parent]["children"].append(made[r["span_id"]])
        else:
            orphans.append(made[r["span_id"]])

    stats = loads(metadata.get("mlflow.trace.sizeStats")) or {}
    expected = stats.get("num_spans") if isinstance(stats, dict) else None
    kept = {}
    for k, v in sorted(metadata.items()):
        is_dropped = k in DROPPED_METADATA or k in ("mlflow.traceInputs", "mlflow.traceOutputs")
        if is_dropped or k.startswith("mlflow.source.git"):
            continue
        kept[k] = clean(loads(v))
    stored_cost = kept.pop("mlflow.trace.cost", None)
    cost = {}
    for r in raws:
        for k, v in (loads((r.get("attributes") or {}).get("mlflow.llm.cost")) or {}).items():
            cost[k] = cost.get(k, 0) + v
    return {
        "name": tags.get("mlflow.traceName") or (roots[0]["name"] if roots else None),
        "state": info.get("state"),
        "token_usage": kept.get("mlflow.trace.tokenUsage"),
        "cost": clean(cost) or None,  # summed over the spans that are stored
        "request_preview": clean_text(info.get("request_preview") or ""),
        "response_preview": clean_text(info.get("response_preview") or ""),
        "tags": {k: clean(v) for k, v in sorted(tags.items()) if k not in DROPPED_TAGS},
        "trace_metadata": kept,
        "span_count": len(raws),
        # fewer spans stored than the client reported: MLflow's own search then hides the trace
        "complete": expected is None or expected == len(raws),
        # what the server keeps as the trace's cost; see README.md: it differs from run to run
        "unstable": {"stored_cost": stored_cost},
        "spans": roots,
        "orphans": orphans,
    }


def outline(t, indent=""):
    """A short text picture of a normalised trace."""
    lines = []
    usage = t.get("token_usage") or {}
    lines.append("%strace %s [%s] tokens=%s/%s/%s%s" % (
        indent, t["name"], t["state"], usage.get("input_tokens"), usage.get("output_tokens"),
        usage.get("total_tokens"), "" if t.get("complete", True) else "  INCOMPLETE"))

    def walk(s, depth):
        use = (s.get("attributes") or {}).get("mlflow.chat.tokenUsage") or {}
        extra = " %s/%s" % (use.get("input_tokens"), use.get("output_tokens")) if use else ""
        when = " %s..%sms" % (s["start_ms"], s["end_ms"]) if "start_ms" in s else ""
        lines.append("%s%s%s %s %s%s%s%s" % (
            indent, "  " * depth, s["type"], s["name"], s["status"],
            " (%s)" % s["status_description"][:60] if s["status_description"] else "", extra, when))
        for c in s["children"]:
            walk(c, depth + 1)

    for s in t["spans"]:
        walk(s, 1)
    for s in t.get("orphans") or []:
        lines.append(indent + "  -- parent not stored --")
        walk(s, 1)
    return "\n".join(lines)
