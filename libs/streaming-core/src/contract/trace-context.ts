/**
 * Which trace something belongs to, in the words of W3C Trace Context: how it stands in a record's headers, an outbox row and the metadata of
 * events and calls. Who does not trace passes it on as it came.
 */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** The parts of a `traceparent`. */
export interface TraceParent {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  readonly flags: number;
}

const shape = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/** Undefined for what is malformed, which counts as absent. Of a version to come the part that this one knows is read. */
export function parseTraceparent(text: string | undefined): TraceParent | undefined {
  const [, version = 'ff', traceId = '', spanId = '', flags = '', rest] = shape.exec(text ?? '') ?? [];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (zeros.test(traceId) || zeros.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

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

/** What can be believed of what somebody else sent: nothing of a malformed `traceparent`; a malformed or too long `tracestate` is left out. */
export function traceContextOf({ traceparent, tracestate }: TraceContext): TraceContext {
  if (parseTraceparent(traceparent) === undefined) return {};
  return tracestate !== undefined && isTracestate(tracestate) ? { traceparent, tracestate } : { traceparent };
}
