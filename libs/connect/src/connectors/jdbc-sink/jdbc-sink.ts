import type { ConnectConfig } from '../../plugin/setting.ts';
import type { SinkContext, SinkOffset, SinkTask } from '../../plugin/task.ts';
import type { RecordOrigin, SinkRecord } from '../../record/records.ts';
import { isFaultOfRecord, refuseRecord } from '../refused-record.ts';
import { StartingOffsets } from '../starting-offsets.ts';
import { isFaultOfData, PostgresSession } from './postgres-session.ts';
import { rowChangeOf, type RowChange } from './row-change.ts';
import { SinkOffsets } from './sink-offsets.ts';
import type { JdbcSinkOptions, TableName } from './sink-options.ts';
import { SinkTables, type SinkTable } from './sink-tables.ts';
import { runsOf, writeRun } from './write-rows.ts';

interface Refusal {
  readonly record: SinkRecord;
  readonly fault: Error;
}

interface TableChanges {
  readonly tableName: TableName;
  readonly changes: RowChange[];
}

type WriteRun = (table: SinkTable, run: readonly RowChange[]) => Promise<readonly Refusal[]>;

/**
 * Writes records into tables of PostgreSQL. One transaction writes the records of one `put`, and with
 * `exactly.once` also their offsets.
 */
export class JdbcSink implements SinkTask {
  readonly #optionsOf: (config: ConnectConfig) => JdbcSinkOptions;
  #context!: SinkContext;
  #options!: JdbcSinkOptions;
  #session!: PostgresSession;
  #tables!: SinkTables;
  #offsets: SinkOffsets | undefined;
  readonly #startingOffsets = new StartingOffsets();

  constructor(optionsOf: (config: ConnectConfig) => JdbcSinkOptions) {
    this.#optionsOf = optionsOf;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#options = this.#optionsOf(context.config);
    this.#session = new PostgresSession(this.#options.database, this.#options.requestTimeoutMs);
    this.#tables = new SinkTables(this.#session, this.#options);
    if (this.#options.exactlyOnce) this.#offsets = new SinkOffsets(this.#session, context.connector);
  }

  async assigned(partitions: readonly Omit<RecordOrigin, 'offset'>[]): Promise<readonly SinkOffset[]> {
    const offsets = (await this.#offsets?.begin(partitions)) ?? [];
    this.#startingOffsets.expect(
      offsets,
      `delete their rows of connector ${this.#context.connector} from the table connect_offset`,
    );
    return offsets;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      this.#startingOffsets.check(records);
      await this.#write(records);
    } catch (error) {
      this.#tables.forget();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#session?.close();
  }

  async #write(records: readonly SinkRecord[]): Promise<void> {
    const { tables, refused } = this.#sorted(records);
    const fitting: Array<readonly [SinkTable, readonly RowChange[]]> = [];
    for (const { tableName, changes } of tables) {
      const table = await this.#tables.fitting(tableName, changes);
      if (table !== undefined) fitting.push([table, changes]);
    }
    const writeAll = (write: WriteRun) =>
      this.#session.transaction(async () => {
        const fresh = new Set(await (this.#offsets?.notWritten(records) ?? records));
        const found = refused.filter(({ record }) => fresh.has(record));
        for (const [table, changes] of fitting)
          for (const run of runsOf(
            table,
            changes.filter(({ record }) => fresh.has(record)),
            this.#options,
          ))
            found.push(...(await write(table, run)));
        for (const { record, fault } of found) await refuseRecord(this.#context, record, fault);
        if (fresh.size > 0) await this.#offsets?.move([...fresh]);
      });
    try {
      await writeAll((table, run) => this.#writeRun(table, run));
    } catch (fault) {
      if (!isRefused(fault)) throw fault;
      await writeAll((table, run) => this.#writeOrRefuse(table, run));
    }
  }

  /** Groups the changes by table, and collects the records that cannot become a change. */
  #sorted(records: readonly SinkRecord[]): {
    readonly tables: Iterable<TableChanges>;
    readonly refused: readonly Refusal[];
  } {
    const tables = new Map<string, TableChanges>();
    const refused: Refusal[] = [];
    for (const record of records)
      try {
        const change = rowChangeOf(record, this.#options);
        if (change === undefined) continue;
        const of = tables.get(record.topic) ?? {
          tableName: this.#options.tableOf(record.topic),
          changes: [],
        };
        tables.set(record.topic, of);
        of.changes.push(change);
      } catch (fault) {
        if (!isRefused(fault)) throw fault;
        refused.push({ record, fault });
      }
    return { tables: tables.values(), refused };
  }

  async #writeRun(table: SinkTable, run: readonly RowChange[]): Promise<readonly Refusal[]> {
    await writeRun(this.#session, table, run, this.#options);
    return [];
  }

  /** Writes a run. If some of its records are at fault, halves it until it has found each of them. */
  async #writeOrRefuse(table: SinkTable, run: readonly RowChange[]): Promise<readonly Refusal[]> {
    await this.#session.query('SAVEPOINT run');
    try {
      await this.#writeRun(table, run);
      await this.#session.query('RELEASE SAVEPOINT run');
      return [];
    } catch (fault) {
      if (!isRefused(fault)) throw fault;
      await this.#session.query('ROLLBACK TO SAVEPOINT run');
      if (run.length === 1) return [{ record: run[0]!.record, fault }];
      const middle = run.length >> 1;
      const first = await this.#writeOrRefuse(table, run.slice(0, middle));
      // Without dead letters, the first fault ends the task.
      if (first.length > 0 && this.#context.reject === undefined) return first;
      return [...first, ...(await this.#writeOrRefuse(table, run.slice(middle)))];
    }
  }
}

const isRefused = (fault: unknown): fault is Error => isFaultOfRecord(fault) || isFaultOfData(fault);
