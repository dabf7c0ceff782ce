import type { SinkOffset } from '../../plugin/task.ts';
import type { RecordOrigin, SinkRecord } from '../../record/records.ts';
import { partitionText, type Partition } from '../starting-offsets.ts';
import type { PostgresSession } from './postgres-session.ts';

/** `next_offset` is null until the sink has written a record of the partition. */
const createTable = `
  CREATE TABLE IF NOT EXISTS connect_offset (
    connector text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint,
    PRIMARY KEY (connector, topic, partition)
  )`;

const lockCreation = `SELECT pg_advisory_xact_lock(hashtext('millrace.connect.tables'))`;

/** Adds a row for each partition, so that even the first record finds one to lock. */
const addPartitions = `
  INSERT INTO connect_offset (connector, topic, partition)
  SELECT $1, topic, partition FROM unnest($2::text[], $3::int[]) AS assigned(topic, partition)
  ON CONFLICT DO NOTHING`;

const readPartitions = `
  SELECT topic, partition, next_offset
  FROM connect_offset JOIN unnest($2::text[], $3::int[]) AS assigned(topic, partition) USING (topic, partition)
  WHERE connector = $1
  ORDER BY topic, partition`;

/** Makes another process that still writes these partitions wait until it can see what was written. */
const lockPartitions = `${readPartitions} FOR UPDATE OF connect_offset`;

const movePartitions = `
  UPDATE connect_offset SET next_offset = written.next_offset
  FROM unnest($2::text[], $3::int[], $4::bigint[]) AS written(topic, partition, next_offset)
  WHERE connect_offset.connector = $1
    AND connect_offset.topic = written.topic AND connect_offset.partition = written.partition`;

interface OffsetRow {
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: string | null;
}

/** The offsets of a connector, which its database keeps and moves in the same transaction as the rows. */
export class SinkOffsets {
  readonly #session: PostgresSession;
  readonly #connector: string;

  constructor(session: PostgresSession, connector: string) {
    this.#session = session;
    this.#connector = connector;
  }

  /** Returns the offset from which to read each partition that the sink has written to. */
  async begin(partitions: readonly Partition[]): Promise<readonly SinkOffset[]> {
    return this.#session.transaction(async () => {
      await this.#session.query(lockCreation);
      await this.#session.query(createTable);
      await this.#session.query(addPartitions, this.#parameters(partitions));
      const rows = await this.#session.query<OffsetRow>(readPartitions, this.#parameters(partitions));
      return rows.flatMap(({ topic, partition, next_offset }) =>
        next_offset === null ? [] : [{ topic, partition, offset: BigInt(next_offset) }],
      );
    });
  }

  /** Locks the partitions of the records, and returns the records that are not written yet. */
  async notWritten(records: readonly SinkRecord[]): Promise<readonly SinkRecord[]> {
    const partitions = [...lastOfEachPartition(records).values()];
    const rows = await this.#session.query<OffsetRow>(lockPartitions, this.#parameters(partitions));
    const next = new Map(
      rows.map((row) => [partitionText(row), row.next_offset === null ? 0n : BigInt(row.next_offset)]),
    );
    return records.filter(({ origin }) => origin.offset >= (next.get(partitionText(origin)) ?? 0n));
  }

  async move(records: readonly SinkRecord[]): Promise<void> {
    const last = [...lastOfEachPartition(records).values()];
    const next = last.map(({ offset }) => String(offset + 1n));
    await this.#session.query(movePartitions, [...this.#parameters(last), next]);
  }

  #parameters(partitions: readonly Partition[]): readonly unknown[] {
    return [
      this.#connector,
      partitions.map(({ topic }) => topic),
      partitions.map(({ partition }) => partition),
    ];
  }
}

const lastOfEachPartition = (records: readonly SinkRecord[]): ReadonlyMap<string, RecordOrigin> =>
  new Map(records.map(({ origin }) => [partitionText(origin), origin]));
