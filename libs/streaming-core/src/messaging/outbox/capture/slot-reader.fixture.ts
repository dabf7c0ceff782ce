import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '@millrace/testing/postgres';
import type { MemoryLog } from '../relay.bench.ts';
import type { OutboxConnector } from './outbox-connector.ts';

const changes = `
  SELECT data
  FROM pg_logical_slot_get_binary_changes($1::name, NULL, NULL, 'proto_version', '1', 'publication_names', $1::text)`;

/** Publishes the numbers of a slot's rows to the log in memory, as a connector of a worker does. */
export class SlotReader implements OutboxConnector {
  readonly #database: () => TestDatabase;
  readonly #log: () => MemoryLog;
  #slot: string | undefined;
  #reading: Promise<void> | undefined;
  /** The numbers that it has published. */
  readonly published: number[] = [];
  /** What a call is answered with, if anything is wrong. */
  problem: Error | undefined;
  /** Why the worker refuses the configuration, if it does. */
  refusal: Error | undefined;

  constructor(database: () => TestDatabase, log: () => MemoryLog) {
    this.#database = database;
    this.#log = log;
  }

  async check(): Promise<void> {
    const wrong = this.problem ?? this.refusal;
    if (wrong) throw wrong;
  }

  async provide(slot: string): Promise<void> {
    await this.check();
    if (this.#slot === slot) return;
    await this.remove();
    this.#slot = slot;
    this.#reading = this.#read(slot);
  }

  async remove(): Promise<void> {
    if (this.problem) throw this.problem;
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#slot = undefined;
    await this.#reading;
  }

  /** Reads the numbers of the rows that the slot has kept since it was read last. */
  async numbersIn(slot: string): Promise<readonly number[]> {
    const { rows } = await this.#database()
      .pool.query<{ data: Buffer }>(changes, [slot])
      .catch(() => ({ rows: [] }));
    return rows.flatMap(({ data }) => {
      const number = /"number":(\d+)/.exec(data.toString())?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  }

  async #read(slot: string): Promise<void> {
    while (this.#slot === slot) {
      for (const number of await this.numbersIn(slot)) {
        this.published.push(number);
        this.#log().records.push({ topic: 'notes', key: null, value: JSON.stringify({ number }) });
      }
      await sleep(2);
    }
  }
}
