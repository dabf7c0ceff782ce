import type { ReceivedSpan } from './read-spans.ts';

export interface TraceLimits {
  readonly tracesMax: number;
  readonly spansPerTraceMax: number;
}

/** How a saga ended, as its last span says. */
export interface EndedSaga {
  readonly sagaId: string;
  readonly traceId: string;
  readonly status: string;
}

interface Trace {
  readonly spans: ReceivedSpan[];
  /** The saga that it tells of, if it does: most traces are those of callers who ask how it goes. */
  sagaId?: string;
}

const ends = new Set(['completed', 'compensated']);

/** The traces that came in last. What is too much of one trace is dropped; with a trace too many the oldest goes, one without a saga first. */
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

  /** Undefined when nothing of the saga came in. */
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
