import { traceOf, type TraceCarrier } from '../contract/index.ts';
import type { ProducerHeader, ProducerHeaders, ProducerRecord } from './types.ts';

/** A record that a producer sends. A trace that a subscriber sets goes into its headers. */
export interface SendingRecord extends TraceCarrier {
  readonly topic: string;
  readonly bodyBytes: number;
}

const traceHeaders: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** Returns undefined if a record is malformed. The producer then rejects it with the reason. */
export function sendingRecords(records: readonly ProducerRecord[]): readonly SendingRecord[] | undefined {
  try {
    return records.map(toSending);
  } catch {
    return undefined;
  }
}

function toSending({ topic, value, headers = [] }: ProducerRecord): SendingRecord {
  const trace = new Map(headerList(headers).filter(([name]) => traceHeaders.has(name)));
  return {
    topic,
    bodyBytes: value === null ? 0 : Buffer.byteLength(value),
    traceparent: textOf(trace.get('traceparent')),
    tracestate: textOf(trace.get('tracestate')),
  };
}

/** Returns copies of the records, with the traces of the carriers in their headers. */
export const inTraces = (
  records: readonly ProducerRecord[],
  carriers: readonly TraceCarrier[],
): readonly ProducerRecord[] =>
  records.map(({ headers = [], ...record }, index) => ({
    ...record,
    headers: [
      ...headerList(headers).filter(([name]) => !traceHeaders.has(name)),
      ...Object.entries(traceOf(carriers[index]!)),
    ],
  }));

const headerList = (headers: ProducerHeaders): readonly ProducerHeader[] =>
  isList(headers) ? headers : Object.entries(headers);

const isList = (headers: ProducerHeaders): headers is readonly ProducerHeader[] => Array.isArray(headers);

const textOf = (value: string | Uint8Array | null | undefined): string | undefined =>
  value === undefined || value === null ? undefined : Buffer.from(value).toString();
