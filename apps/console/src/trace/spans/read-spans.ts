import type { TraceSpan } from '../../api/trace.ts';

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
}
type OtlpAttributes = ReadonlyArray<{ readonly key: string; readonly value?: OtlpValue }>;

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly attributes?: OtlpAttributes;
  readonly links?: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>;
  readonly status?: { readonly code?: number };
}

interface OtlpRequest {
  readonly resourceSpans?: ReadonlyArray<{
    readonly resource?: { readonly attributes?: OtlpAttributes };
    readonly scopeSpans?: ReadonlyArray<{ readonly spans?: readonly OtlpSpan[] }>;
  }>;
}

/** Reads the spans of one ExportTraceServiceRequest in OTLP's JSON encoding. Throws if it is malformed. */
export function readSpans(request: unknown): readonly TraceSpan[] {
  return ((request as OtlpRequest).resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(attributesOf(resource?.attributes)['service.name'] ?? 'unknown');
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => spanOf(service, span)));
  });
}

const statusError = 2;

function spanOf(service: string, span: OtlpSpan): TraceSpan {
  const start = BigInt(span.startTimeUnixNano);
  const end = BigInt(span.endTimeUnixNano);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && span.parentSpanId !== '' && { parentSpanId: span.parentSpanId }),
    service,
    name: span.name,
    kind: span.kind ?? 0,
    startMs: Number(start / 1_000n) / 1_000,
    durationMs: Number(end - start) / 1_000_000,
    failed: span.status?.code === statusError,
    attributes: attributesOf(span.attributes),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
  };
}

const attributesOf = (attributes: OtlpAttributes = []): TraceSpan['attributes'] =>
  Object.fromEntries(attributes.map(({ key, value = {} }) => [key, valueOf(value)]));

function valueOf({ arrayValue, intValue, ...value }: OtlpValue): TraceSpan['attributes'][string] {
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map((each) => String(valueOf(each)));
  if (intValue !== undefined) return Number(intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue ?? '';
}
