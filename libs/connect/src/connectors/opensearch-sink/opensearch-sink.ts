import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { SinkContext, SinkOffset, SinkTask } from '../../plugin/task.ts';
import type { SinkRecord } from '../../record/records.ts';
import { isFaultOfRecord, RecordError, refuseRecord } from '../refused-record.ts';
import { partitionText, startingOffset, StartingOffsets, type Partition } from '../starting-offsets.ts';
import { OpenSearchClient, type BulkItem } from './opensearch-client.ts';
import { operationOf } from './opensearch-operation.ts';

/** A bulk is sent before it has more bytes than this, unless a single record has. */
const bulkBytesMax = 5_000_000;

interface Operation {
  readonly record: SinkRecord;
  readonly lines: string;
}

/**
 * Writes records as documents. What was written before a kill is written again, and changes nothing:
 * a document with the key as its id keeps the highest offset, and any other has the place of its
 * record as its id. The sink keeps its offsets in an index beside them, so that an OpenSearch without
 * its data is filled again, and a topic that was created again is noticed.
 */
export class OpenSearchSink implements SinkTask {
  #context!: SinkContext;
  #client!: OpenSearchClient;
  readonly #startingOffsets = new StartingOffsets();
  /** The offsets up to which records were put and not stored yet, by partition. */
  readonly #put = new Map<string, SinkOffset>();

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#client = new OpenSearchClient(context.config);
  }

  async assigned(partitions: readonly Partition[]): Promise<readonly SinkOffset[]> {
    this.#put.clear();
    if (partitions.length === 0) return [];
    const ids = partitions.map((partition) => this.#offsetId(partition));
    const found = await this.#client.documents(this.#offsetIndex, ids);
    const offsets = partitions.flatMap(({ topic, partition }, index) => {
      const stored = found.get(ids[index]!) as { readonly next: string } | undefined;
      const offset = startingOffset(this.#context.config, stored && BigInt(stored.next));
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
    this.#startingOffsets.expect(
      offsets,
      `delete its indices in OpenSearch and the documents ${this.#context.connector}:* of ${this.#offsetIndex}`,
    );
    return offsets;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    this.#startingOffsets.check(records);
    const batchMax = Number(this.#context.config['batch.size']);
    let bulk: Operation[] = [];
    let bytes = 0;
    for (const record of records) {
      const lines = await this.#linesOf(record);
      if (lines === undefined) continue;
      const size = Buffer.byteLength(lines);
      if (bulk.length > 0 && (bulk.length >= batchMax || bytes + size > bulkBytesMax)) {
        await this.#send(bulk);
        bulk = [];
        bytes = 0;
      }
      bulk.push({ record, lines });
      bytes += size;
    }
    if (bulk.length > 0) await this.#send(bulk);
    for (const { origin } of records)
      this.#put.set(partitionText(origin), { ...origin, offset: origin.offset + 1n });
  }

  /** Stores the offsets of this task before the group commits them. */
  async flush(): Promise<undefined> {
    const stored = [...this.#put];
    if (stored.length === 0) return;
    const items = await this.#client.bulk(
      stored.map(([, { topic, partition, offset }]) => {
        const index = { _index: this.#offsetIndex, _id: this.#offsetId({ topic, partition }) };
        return `${JSON.stringify({ index })}\n${JSON.stringify({ next: String(offset) })}\n`;
      }),
    );
    for (const { status, error } of items)
      if (error !== undefined) throw failureOf(status, `the index ${this.#offsetIndex}: ${error.reason}`);
    for (const [partition] of stored) this.#put.delete(partition);
  }

  async stop(): Promise<void> {}

  get #offsetIndex(): string {
    return this.#context.config['offset.index']!;
  }

  #offsetId(partition: Partition): string {
    return `${this.#context.connector}:${partitionText(partition)}`;
  }

  async #linesOf(record: SinkRecord): Promise<string | undefined> {
    try {
      return operationOf(record, this.#context.config);
    } catch (error) {
      if (!isFaultOfRecord(error)) throw error;
      await this.#refuse(record, error);
      return undefined;
    }
  }

  async #send(bulk: readonly Operation[]): Promise<void> {
    const items = await this.#client.bulk(bulk.map(({ lines }) => lines));
    // With a conflict, the document is at least as new as the record.
    const failed = items.flatMap(({ status, error }, index) =>
      error === undefined || status === 409 ? [] : [{ record: bulk[index]!.record, status, error }],
    );
    // If the bulk is repeated, no record of it is among the dead letters yet.
    for (const { status, error } of failed) if (status !== 400) throw failureOf(status, messageOf(error));
    for (const { record, error } of failed) await this.#refuse(record, new RecordError(messageOf(error)));
  }

  async #refuse(record: SinkRecord, fault: Error): Promise<void> {
    const behavior = this.#context.config['behavior.on.malformed.documents'];
    if (behavior === 'fail' || behavior === 'report') return refuseRecord(this.#context, record, fault);
    if (behavior === 'warn') {
      const { topic, partition, offset } = record.origin;
      this.#context.log('warn', `skipping a record: ${fault.message}`, {
        topic,
        partition,
        offset: String(offset),
      });
    }
  }
}

const messageOf = ({ type, reason }: NonNullable<BulkItem['error']>): string =>
  `OpenSearch says: ${type}: ${reason}`;

/** 403 is an index that takes no writes, for instance while its disk is full. */
const failureOf = (status: number, message: string): Error =>
  status === 429 || status === 403 || status >= 500
    ? new RetriableConnectError(message)
    : new ConnectError(`${message}. Correct the configuration or the index, then restart the task`);
