import type { TraceSpan } from '../../api/trace.ts';

export interface SpanLimits {
  readonly tracesMax: number;
  readonly spansPerTraceMax: number;
}

interface KeptTrace {
  readonly spans: TraceSpan[];
  /** Most traces come from callers that only ask for the progress of a saga. */
  hasSaga: boolean;
}

/**
 * Keeps the spans of the latest traces in memory. Spans beyond a trace's limit are dropped. If there
 * are too many traces, the oldest without a saga is dropped, or else the oldest.
 */
export class SpanStore {
  readonly #limits: SpanLimits;
  readonly #traces = new Map<string, KeptTrace>();

  constructor(limits: SpanLimits = { tracesMax: 500, spansPerTraceMax: 2_000 }) {
    this.#limits = limits;
  }

  add(spans: readonly TraceSpan[]): void {
    for (const span of spans) {
      const trace = this.#traces.get(span.traceId) ?? this.#open(span.traceId);
      if (span.attributes['millrace.saga.id'] !== undefined) trace.hasSaga = true;
      if (trace.spans.length < this.#limits.spansPerTraceMax) trace.spans.push(span);
    }
  }

  trace(traceId: string): readonly TraceSpan[] {
    return this.#traces.get(traceId)?.spans ?? [];
  }

  #open(traceId: string): KeptTrace {
    if (this.#traces.size >= this.#limits.tracesMax) this.#forgetOne();
    const trace = { spans: [], hasSaga: false };
    this.#traces.set(traceId, trace);
    return trace;
  }

  #forgetOne(): void {
    const all = [...this.#traces];
    const [traceId] = all.find(([, { hasSaga }]) => !hasSaga) ?? all[0] ?? [];
    if (traceId !== undefined) this.#traces.delete(traceId);
  }
}
