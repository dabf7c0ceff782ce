import type { ReceivedSpan } from './read-spans.ts';

export interface TraceLimits {
  readonly tracesMax: number;
  readonly spansPerTraceMax: number;
}

/** How a saga ended, according to its last span. */
export interface EndedSaga {
  readonly sagaId: string;
  readonly traceId: string;
  readonly status: string;
}

interface Trace {
  readonly spans: ReceivedSpan[];
  /**
   * The saga of the trace, if it has one. Most traces come from callers that only ask for the
   * progress.
   */
  sagaId?: string;
}

const ends = new Set(['completed', 'compensated']);

/**
 * Keeps the latest traces. Spans beyond a trace's limit are dropped. If there are too many traces,
 * the oldest without a saga is dropped, or else the oldest.
 */
export class TraceStore {
  readonly #limits: TraceLimits;
  readonly #traces = new Map<string, Trace>();
  readonly #onEnd: (saga: EndedSaga) => void;

  constructor(
    onEnd: (saga: EndedSaga) => void = () => undefined,
    limits: TraceLimits = { tracesMax: 500, spansPerTraceMax: 2_000 },
  ) {
    this.#onEnd = onEnd;
    this.#limits = limits;
  }

  add(spans: readonly ReceivedSpan[]): void {
    for (const span of spans) this.#add(span);
    for (const { traceId, attributes } of spans) {
      const { 'millrace.saga.id': sagaId, 'millrace.saga.status': status } = attributes;
      if (typeof sagaId === 'string' && typeof status === 'string' && ends.has(status))
        this.#onEnd({ sagaId, traceId, status });
    }
  }

  trace(traceId: string): readonly ReceivedSpan[] {
    return this.#traces.get(traceId)?.spans ?? [];
  }

  /** Returns undefined if no span of the saga was received. */
  traceIdOf(sagaId: string): string | undefined {
    for (const [traceId, trace] of this.#traces) if (trace.sagaId === sagaId) return traceId;
    return undefined;
  }

  #add(span: ReceivedSpan): void {
    const trace = this.#traces.get(span.traceId) ?? this.#open(span.traceId);
    const { 'millrace.saga.id': sagaId } = span.attributes;
    if (typeof sagaId === 'string') trace.sagaId ??= sagaId;
    if (trace.spans.length < this.#limits.spansPerTraceMax) trace.spans.push(span);
  }

  #open(traceId: string): Trace {
    if (this.#traces.size >= this.#limits.tracesMax) this.#forgetOne();
    const trace: Trace = { spans: [] };
    this.#traces.set(traceId, trace);
    return trace;
  }

  #forgetOne(): void {
    const all = [...this.#traces];
    const [traceId] = all.find(([, { sagaId }]) => sagaId === undefined) ?? all[0] ?? [];
    if (traceId !== undefined) this.#traces.delete(traceId);
  }
}
