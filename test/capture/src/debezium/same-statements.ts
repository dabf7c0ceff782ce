import { connectConsumer, type Consumer } from '@millrace/streaming-core/client';
import { seededRandom } from '@millrace/testing/random';
import { until } from '@millrace/testing/within';
import { compareRecords, type ComparedTopic, type SeenRecord } from './compare-records.ts';
import { chaptersOf, tables, type Chapter } from './statements.ts';
import { captureConfig, type Side, type TwoSides } from './two-sides.ts';

export interface Comparison {
  readonly seed: number;
  readonly transactions: number;
  readonly topics: readonly ComparedTopic[];
}

const prefix = 'same';
const chapterMsMax = 120_000;
/** Records of other topics may arrive after the mark. */
const lateMsMax = 60_000;

/**
 * Both sides take a snapshot of the same tables and follow the same statements. Both read one log of
 * the database, so the positions of their changes must be equal too.
 */
export async function compareStatements(
  sides: TwoSides,
  { seed, transactions }: { readonly seed: number; readonly transactions: number },
): Promise<Comparison> {
  const chapters = chaptersOf(seededRandom(seed), transactions);
  await sides.sql(...tables);
  const both = [sides.millrace, sides.debezium] as const;
  const readers = both.map((side) => new TopicsReader(side));
  try {
    for (const side of both) {
      const options = { prefix, tables: 'public[.].*', schemas: true };
      await side.rest.create(prefix, captureConfig(sides.database, side, options));
      await side.rest.running(prefix);
    }
    for (const reader of readers) await reader.hasMark(0);
    await untilStreaming(sides);
    for (const [index, chapter] of chapters.entries()) {
      await play(sides, chapter);
      await sides.sql(`INSERT INTO mark VALUES (${index + 1})`);
      for (const reader of readers) await reader.hasMark(index + 1);
    }
    const [ours, theirs] = readers as [TopicsReader, TopicsReader];
    await until(
      () => ours.records.length - theirs.records.length,
      (difference) => difference === 0,
      lateMsMax,
    ).catch(() => undefined); // the comparison says what is missing
    return {
      seed,
      transactions: chapters.flat().length,
      topics: compareRecords(ours.records, theirs.records),
    };
  } finally {
    for (const reader of readers) await reader.close();
    for (const side of both) await side.rest.remove(prefix);
  }
}

async function untilStreaming({ database }: TwoSides): Promise<void> {
  await until(
    () =>
      database.pool.query(`SELECT FROM pg_replication_slots WHERE slot_name LIKE '${prefix}_%' AND active`),
    ({ rowCount }) => rowCount === 2,
    chapterMsMax,
  );
}

async function play({ database }: TwoSides, chapter: Chapter): Promise<void> {
  const client = await database.pool.connect();
  try {
    for (const statements of chapter) {
      await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      if (statements.at(-1) !== 'ROLLBACK') await client.query('COMMIT');
    }
  } finally {
    client.release();
  }
}

/** Reads what is committed on the topics of one side. */
class TopicsReader {
  readonly records: SeenRecord[] = [];
  readonly #consumer: Consumer;
  readonly #marks = new Set<string>();
  readonly #read: Promise<void>;

  constructor({ broker }: Side) {
    this.#consumer = connectConsumer({
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'comparison',
      groupId: 'comparison',
      pattern: new RegExp(`^${prefix}[.]`),
      topicRefreshMs: 500,
      autoOffsetReset: 'earliest',
      isolation: 'read_committed',
    });
    this.#read = this.#readAll();
  }

  hasMark(id: number): Promise<unknown> {
    return until(
      () => this.#marks.has(JSON.stringify({ id })),
      (found) => found,
      chapterMsMax,
    );
  }

  async close(): Promise<void> {
    await this.#consumer.close();
    await this.#read;
  }

  async #readAll(): Promise<void> {
    for await (const { topic, key, value, headerList } of this.#consumer) {
      const headers = headerList.map(({ name, value: bytes }) => [name, bytes?.toString() ?? null] as const);
      this.records.push({ topic, key: key?.toString() ?? null, value: value?.toString() ?? null, headers });
      if (topic === `${prefix}.public.mark` && key !== null)
        this.#marks.add(JSON.stringify((JSON.parse(key.toString()) as { payload: unknown }).payload));
    }
  }
}
