import { channel } from 'node:diagnostics_channel';

/**
 * Something that is reported on a tracing channel and belongs to a trace. A subscriber that turns
 * the report into a span replaces the trace context in it with that of the span, and everything
 * that the work causes carries the new context. The context is read only after all subscribers have
 * been called.
 */
export type TraceCarrier = { -readonly [Name in keyof TraceContext]: TraceContext[Name] };

const resumed = channel('millrace.trace.resume');

/** Runs work as part of one carrier's trace, for a transaction that several carriers share. */
export const resumeTrace = <Result>(carrier: TraceCarrier, work: () => Result): Result =>
  resumed.hasSubscribers ? resumed.runStores(carrier, work) : work();

/** The trace context for everything that the carrier causes. */
export const traceOf = ({ traceparent, tracestate }: TraceCarrier): TraceContext => ({
  ...(traceparent !== undefined && { traceparent }),
  ...(tracestate !== undefined && { tracestate }),
});

/**
 * The trace that something belongs to, in the format of W3C Trace Context. It is stored in record
 * headers, outbox rows and the metadata of events and external calls. A service without tracing
 * passes it on unchanged.
 */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** The parts of a `traceparent`. */
export interface TraceParent {
  /** 32 hexadecimal digits, not all of them zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all of them zero. */
  readonly spanId: string;
  readonly flags: number;
}

const shape = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/**
 * Returns undefined for a malformed `traceparent`, which counts as absent. If its version is newer,
 * this reads the part that the current version defines.
 */
export function parseTraceparent(text: string | undefined): TraceParent | undefined {
  const [, version = 'ff', traceId = '', spanId = '', flags = '', rest] = shape.exec(text ?? '') ?? [];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (zeros.test(traceId) || zeros.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Writes the header `traceparent` of W3C Trace Context, version 00. */
export const formatTraceparent = ({ traceId, spanId, flags }: TraceParent): string =>
  `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;

const stateCharactersMax = 512;
const stateMembersMax = 32;
const stateMember =
  /^[a-z\d][-_*/a-z\d@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

const isTracestate = (text: string): boolean => {
  const members = text.split(',').map((member) => member.trim());
  const named = members.filter((member) => member !== '');
  return (
    text.length <= stateCharactersMax &&
    named.length > 0 &&
    members.length <= stateMembersMax &&
    named.every((member) => stateMember.test(member))
  );
};

/**
 * Returns what can be trusted of a context from elsewhere: nothing if its `traceparent` is
 * malformed, and no `tracestate` if that is malformed or too long.
 */
export function traceContextOf({ traceparent, tracestate }: TraceContext): TraceContext {
  if (parseTraceparent(traceparent) === undefined) return {};
  return tracestate !== undefined && isTracestate(tracestate) ? { traceparent, tracestate } : { traceparent };
}
