import type { parquetWriteBuffer } from 'hyparquet-writer';
import { systemClock } from '@millrace/streaming-core/runtime';
import { listOf } from '../../plugin/setting.ts';
import type { SinkContext, SinkOffset, SinkTask } from '../../plugin/task.ts';
import type { SinkRecord } from '../../record/records.ts';
import { isFaultOfRecord, RecordError, refuseRecord } from '../refused-record.ts';
import { partitionText, startingOffset, StartingOffsets, type Partition } from '../starting-offsets.ts';
import { CommittedFiles, type NewFile } from './committed-files.ts';
import { bytesOfRow, parquetDataOf, parquetRowOf, type ParquetRow } from './parquet-columns.ts';

interface Row {
  readonly offset: bigint;
  readonly cells: ParquetRow;
}

/** The rows of a partition that the sink has not written to a file yet. */
interface OpenFiles {
  readonly partition: Partition;
  /** The offset up to which the folder has files, or undefined if it has none. */
  from: bigint | undefined;
  /** The offset after the last record that the sink has received. */
  next: bigint | undefined;
  /** The rows of each folder, by its path `TOPIC/date=YYYY-MM-DD`. */
  rows: Map<string, Row[]>;
  rowCount: number;
  bytes: number;
  /** When the sink received the first of the rows. */
  since: number;
}

/**
 * Keeps records in memory until it closes their files, and lets the worker commit offsets only for closed
 * files. The folder keeps the offset of each partition, so the sink writes nothing twice after a replay.
 */
export class ParquetSink implements SinkTask {
  #context!: SinkContext;
  #files!: CommittedFiles;
  #write!: typeof parquetWriteBuffer;
  #headers: readonly string[] = [];
  readonly #open = new Map<string, OpenFiles>();
  readonly #startingOffsets = new StartingOffsets();

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#write = (await import('hyparquet-writer')).parquetWriteBuffer;
    const { path, 'header.columns': headers } = context.config;
    this.#headers = listOf(headers);
    this.#files = new CommittedFiles(path ?? '');
    await this.#files.prepare();
  }

  /** If the folder has lost its files, the sink fills it again from the beginning of the log. */
  async assigned(partitions: readonly Partition[]): Promise<readonly SinkOffset[]> {
    const before = new Map(this.#open);
    this.#open.clear();
    const offsets: SinkOffset[] = [];
    for (const { topic, partition } of partitions) {
      const from = await this.#files.recover({ topic, partition });
      const kept = before.get(partitionText({ topic, partition }));
      const open = kept?.from === from && kept !== undefined ? kept : emptyFiles({ topic, partition }, from);
      this.#open.set(partitionText({ topic, partition }), open);
      const offset = startingOffset(this.#context.config, open.next ?? from);
      if (offset !== undefined) offsets.push({ topic, partition, offset });
    }
    this.#startingOffsets.expect(offsets, `move the folder ${this.#context.config.path} away`);
    return offsets;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    this.#startingOffsets.check(records);
    for (const record of records) await this.#add(record);
    await this.#closeLarge();
  }

  async flush(): Promise<readonly SinkOffset[]> {
    const ageMax = Number(this.#context.config['roll.ms']);
    for (const open of this.#open.values())
      if (open.next !== undefined && systemClock.monotonic() - open.since >= ageMax) await this.#close(open);
    return [...this.#open.values()].flatMap(({ partition, from }) =>
      from === undefined ? [] : [{ ...partition, offset: from }],
    );
  }

  /** Drops the records in memory. Their offsets are not committed, so the next start reads them again. */
  async stop(): Promise<void> {
    this.#open.clear();
  }

  async #add(record: SinkRecord): Promise<void> {
    const { topic, partition, offset } = record.origin;
    const name = partitionText(record.origin);
    const open =
      this.#open.get(name) ?? emptyFiles({ topic, partition }, await this.#files.recover(record.origin));
    this.#open.set(name, open);
    if (offset < (open.next ?? open.from ?? 0n)) return; // it is in a file, or in memory
    try {
      const cells = parquetRowOf(record, this.#headers);
      const folder = folderOf(record);
      const rows = open.rows.get(folder) ?? [];
      rows.push({ offset, cells });
      open.rows.set(folder, rows);
      open.rowCount += 1;
      open.bytes += bytesOfRow(cells);
    } catch (error) {
      if (!isFaultOfRecord(error)) throw error;
      await refuseRecord(this.#context, record, error);
    }
    if (open.next === undefined) open.since = systemClock.monotonic();
    open.next = offset + 1n;
  }

  async #closeLarge(): Promise<void> {
    const { config } = this.#context;
    for (const open of this.#open.values())
      if (open.rowCount >= Number(config['roll.rows']) || open.bytes >= Number(config['roll.bytes']))
        await this.#close(open);
    const total = () => [...this.#open.values()].reduce((bytes, open) => bytes + open.bytes, 0);
    while (total() > Number(config['buffer.bytes'])) {
      const [largest] = [...this.#open.values()].sort((a, b) => b.bytes - a.bytes);
      await this.#close(largest!);
    }
  }

  async #close(open: OpenFiles): Promise<void> {
    const { partition, from, next } = open;
    if (next === undefined) return;
    const files: NewFile[] = [];
    for (const [folder, rows] of open.rows) files.push(this.#fileOf(partition, folder, rows));
    await this.#files.commit(partition, from, next, files);
    this.#open.set(partitionText(partition), emptyFiles(partition, next));
  }

  #fileOf(partition: Partition, folder: string, rows: readonly Row[]): NewFile {
    const [first, last] = [rows[0]!.offset, rows.at(-1)!.offset].map((offset) =>
      String(offset).padStart(12, '0'),
    );
    const bytes = this.#write({
      ...parquetDataOf(rows.map(({ cells }) => cells)),
      codec: this.#context.config.codec as 'SNAPPY' | 'UNCOMPRESSED',
      createdBy: 'millrace',
    });
    return {
      path: `${folder}/${partitionText(partition)}-${first}-${last}.parquet`,
      bytes: new Uint8Array(bytes),
    };
  }
}

const emptyFiles = (partition: Partition, from: bigint | undefined): OpenFiles => ({
  partition,
  from,
  next: undefined,
  rows: new Map(),
  rowCount: 0,
  bytes: 0,
  since: 0,
});

/**
 * Names the folder by the UTC day of the record, in the form in which DuckDB, Spark and Hive find partitions.
 */
function folderOf({ topic, timestampMs = 0 }: SinkRecord): string {
  if (!/^[\w.-]+$/.test(topic) || ['.', '..', '_new', '_offsets'].includes(topic))
    throw new RecordError(
      `"${topic}" cannot be the name of a folder: correct the transform that renames the topic`,
    );
  return `${topic}/date=${new Date(timestampMs).toISOString().slice(0, 10)}`;
}
