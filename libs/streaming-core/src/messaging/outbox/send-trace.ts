import { tracingChannel } from 'node:diagnostics_channel';
import type { Producer, RecordMetadata } from '../../client/index.ts';
import { traceOf, type TraceCarrier } from '../../contract/index.ts';
import type { OutboxRecord } from './outbox-row.ts';

/**
 * A record that the relay sends. Subscribers may set its trace, which then goes into its headers.
 */
export interface SentRecord extends TraceCarrier {
  readonly topic: string;
  /** `ce_id` and `ce_correlationid`. A dead letter has those of its message. */
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly bodyBytes: number;
}

/**
 * The report on `tracing:millrace.relay.send` about one call of the producer. Its records may
 * belong to different traces.
 */
export interface SendReport {
  readonly relay: string;
  readonly records: readonly SentRecord[];
  /**
   * Topic, partition and offset of each record, in the same order. Set once the records are
   * acknowledged.
   */
  result?: readonly RecordMetadata[];
}

const sending = tracingChannel<unknown, SendReport>('millrace.relay.send');

/** Sends the records and reports it to subscribers. */
export function reportSending(
  relay: string,
  producer: Pick<Producer, 'send'>,
  records: readonly OutboxRecord[],
): Promise<readonly RecordMetadata[]> {
  if (!sending.hasSubscribers) return producer.send(records);
  const report: SendReport = { relay, records: records.map(toSent) };
  return sending.tracePromise(
    () => producer.send(records.map((record, index) => inTrace(record, report.records[index] ?? {}))),
    report,
  );
}

const toSent = ({ topic, value, headers = {} }: OutboxRecord): SentRecord => ({
  topic,
  messageId: headers.ce_id,
  correlationId: headers.ce_correlationid,
  bodyBytes: Buffer.byteLength(value ?? ''),
  traceparent: headers.traceparent,
  tracestate: headers.tracestate,
});

const inTrace = ({ headers, ...record }: OutboxRecord, carrier: TraceCarrier): OutboxRecord => {
  const { traceparent: _parent, tracestate: _state, ...others } = headers ?? {};
  return { ...record, headers: { ...others, ...traceOf(carrier) } };
};
