import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { STATE_FORMAT_VERSION, type StateMeta } from '../state-meta.ts';
import { SELECT_META, SELECT_OFFSETS, SET_META, SET_OFFSET, SET_TOPIC_ID } from './statements.sql.ts';

interface OffsetRow {
  readonly topic: string;
  readonly topicId: string | null;
  readonly nextOffset: bigint | null;
}

/** The metadata of a state file, and the offsets of its changelogs. */
export class SqliteMeta {
  readonly #selectMeta: StatementSync;
  readonly #selectOffsets: StatementSync;
  readonly #setMeta: StatementSync;
  readonly #setOffset: StatementSync;
  readonly #setTopicId: StatementSync;

  constructor(database: DatabaseSync) {
    this.#selectMeta = database.prepare(SELECT_META);
    this.#selectOffsets = database.prepare(SELECT_OFFSETS);
    this.#selectOffsets.setReadBigInts(true);
    this.#setMeta = database.prepare(SET_META);
    this.#setOffset = database.prepare(SET_OFFSET);
    this.#setTopicId = database.prepare(SET_TOPIC_ID);
  }

  read(): StateMeta {
    const rows = this.#selectMeta.all() as unknown as { name: string; value: string }[];
    const values = new Map(rows.map(({ name, value }) => [name, value]));
    const caughtUpAt = values.get('caught_up_at_ms');
    const formatVersion = values.get('format_version');
    return {
      formatVersion: formatVersion === undefined ? null : Number(formatVersion),
      clusterId: values.get('cluster_id') ?? null,
      bootId: values.get('boot_id') ?? null,
      isSynced: values.get('synced') === 'true',
      caughtUpAtMs: caughtUpAt === undefined ? null : Number(caughtUpAt),
      changelogs: new Map(
        this.#offsets().map(({ topic, topicId, nextOffset }) => [topic, { topicId, nextOffset }]),
      ),
    };
  }

  offset(topic: string): bigint | null {
    return this.#offsets().find((row) => row.topic === topic)?.nextOffset ?? null;
  }

  committed(offsets: ReadonlyMap<string, bigint>): void {
    for (const [topic, offset] of offsets) this.#setOffset.run(topic, offset);
  }

  caughtUp(atMs: number): void {
    this.#setMeta.run('caught_up_at_ms', String(atMs));
  }

  adopted({ clusterId, bootId }: { readonly clusterId: string; readonly bootId: string }): void {
    this.#setMeta.run('format_version', String(STATE_FORMAT_VERSION));
    this.#setMeta.run('cluster_id', clusterId);
    this.#setMeta.run('boot_id', bootId);
  }

  setTopicId(topic: string, topicId: string): void {
    this.#setTopicId.run(topic, topicId);
  }

  setSynced(isSynced: boolean): void {
    this.#setMeta.run('synced', String(isSynced));
  }

  #offsets(): OffsetRow[] {
    return this.#selectOffsets.all() as unknown as OffsetRow[];
  }
}
