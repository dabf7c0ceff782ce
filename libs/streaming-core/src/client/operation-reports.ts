import { tracingChannel } from 'node:diagnostics_channel';
import type { ConnectionOptions } from './connection/connection-settings.ts';
import type { FetchedPartition, FetchedRecord, FetchPosition } from './fetched-records.ts';
import type {
  DeliveryCallback,
  ProducerRecord,
  RecordMetadata,
  ProducerHeader,
  ProducerHeaders,
} from './producer-types.ts';
import type { OffsetToCommit, TopicPartition } from './topic-partition.ts';
import { traceOf, type TraceCarrier } from '../contract/index.ts';

/** The client whose operation is reported. */
export type ReportingClient = Pick<ConnectionOptions, 'clientId' | 'bootstrapServers'>;

export interface ReportingGroup extends ReportingClient {
  readonly groupId: string;
}

interface OperationReport extends ReportingClient {
  /** Set when the operation has failed. */
  error?: unknown;
}

/** The report on `tracing:millrace.client.send` about one call of a producer. */
export interface SendOperation extends OperationReport {
  readonly records: readonly SendingRecord[];
  /** The place of each record, in the same order. Set once all of them are acknowledged. */
  result?: readonly RecordMetadata[];
}

/** The report on `tracing:millrace.client.poll` about one long poll of a consumer or reader. */
export interface PollOperation extends OperationReport {
  readonly groupId?: string;
  readonly positions: readonly FetchPosition[];
  /** The answer for each position, in the same order. */
  result?: readonly FetchedPartition[];
}

/**
 * The report on `tracing:millrace.client.process` about records that a consumer's loop has in hand.
 * It ends when the loop asks for more or is left.
 */
export interface ProcessOperation extends OperationReport, TopicPartition {
  readonly groupId: string;
  readonly records: readonly FetchedRecord[];
}

/** The report on `tracing:millrace.client.commit` about offsets that a group commits. */
export interface CommitOperation extends OperationReport {
  readonly groupId: string;
  readonly offsets: readonly OffsetToCommit[];
}

const sending = tracingChannel<unknown, SendOperation>('millrace.client.send');
const polling = tracingChannel<unknown, PollOperation>('millrace.client.poll');
const processing = tracingChannel<unknown, ProcessOperation>('millrace.client.process');
const committing = tracingChannel<unknown, CommitOperation>('millrace.client.commit');

const about = ({ clientId, bootstrapServers }: ReportingClient): ReportingClient => ({
  clientId,
  bootstrapServers,
});

/** Reports a call of `send`, which gets the records with the traces that subscribers have set. */
export function reportSend(
  client: ReportingClient,
  records: readonly ProducerRecord[],
  send: (records: readonly ProducerRecord[]) => Promise<readonly RecordMetadata[]>,
): Promise<readonly RecordMetadata[]> {
  const carriers = sending.hasSubscribers ? sendingRecords(records) : undefined;
  if (carriers === undefined) return send(records);
  const operation: SendOperation = { ...about(client), records: carriers };
  return sending.tracePromise(() => send(inTraces(records, carriers)), operation);
}

/** Reports a call that has a callback for each record. The report ends with the last callback. */
export function reportPost(
  client: ReportingClient,
  records: readonly ProducerRecord[],
  onDelivered: DeliveryCallback | undefined,
  post: (records: readonly ProducerRecord[], onDelivered: DeliveryCallback | undefined) => void,
): void {
  const carriers = sending.hasSubscribers && records.length > 0 ? sendingRecords(records) : undefined;
  if (carriers === undefined) return post(records, onDelivered);
  const operation: SendOperation = { ...about(client), records: carriers };
  const results: RecordMetadata[] = [];
  let left = records.length;
  sending.start.runStores(operation, () => {
    const sent = inTraces(records, carriers);
    const indexes = new Map(sent.map((record, index) => [record, index]));
    post(sent, (error, written, record) => {
      const index = indexes.get(record)!;
      if (written) results[index] = written;
      else operation.error ??= error;
      left -= 1;
      if (left === 0) {
        if (operation.error === undefined) operation.result = results;
        sending.asyncEnd.publish(operation);
      }
      onDelivered?.(error, written, records[index]!);
    });
  });
}

/** True if somebody listens to the reports of polls. */
export const arePollsReported = (): boolean => polling.hasSubscribers;

export function reportPoll<Partition extends FetchedPartition>(
  client: ReportingClient & Partial<ReportingGroup>,
  positions: readonly FetchPosition[],
  poll: () => Promise<readonly Partition[]>,
): Promise<readonly Partition[]> {
  if (!polling.hasSubscribers) return poll();
  return polling.tracePromise(poll, { ...about(client), groupId: client.groupId, positions });
}

/** Returns a function that reports the end, or undefined if nobody listens. */
export function reportProcess(
  group: ReportingGroup,
  delivered: FetchedRecord | (TopicPartition & { readonly records: readonly FetchedRecord[] }),
): (() => void) | undefined {
  if (!processing.hasSubscribers) return undefined;
  const { topic, partition } = delivered;
  const records = 'records' in delivered ? delivered.records : [delivered];
  const operation: ProcessOperation = { ...about(group), groupId: group.groupId, topic, partition, records };
  processing.start.publish(operation);
  return () => processing.asyncEnd.publish(operation);
}

export function reportCommit(
  group: ReportingGroup,
  offsets: readonly OffsetToCommit[],
  commit: () => Promise<void>,
): Promise<void> {
  if (!committing.hasSubscribers) return commit();
  return committing.tracePromise(commit, { ...about(group), groupId: group.groupId, offsets });
}

/** A record that a producer sends. A trace that a subscriber sets goes into its headers. */
export interface SendingRecord extends TraceCarrier {
  readonly topic: string;
  readonly bodyBytes: number;
}

const traceHeaders: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** Returns undefined if a record is malformed. The producer then rejects it with the reason. */
function sendingRecords(records: readonly ProducerRecord[]): readonly SendingRecord[] | undefined {
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
const inTraces = (
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
