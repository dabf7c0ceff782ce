import { MemoryTable } from './memory-table.ts';
import type { BytesTable, CommittedTable, StoreEngine } from './store-engine.ts';

/** An engine whose tables are lost with the process. */
export class MemoryEngine implements StoreEngine {
  readonly #tables = new Map<string, MemoryTable>();
  readonly #offsets = new Map<string, bigint>();
  readonly diskBytes = 0;

  table(name: string): BytesTable {
    return this.#table(name);
  }

  committed(name: string): CommittedTable {
    return this.#table(name).committed();
  }

  offset(changelogTopic: string): bigint | null {
    return this.#offsets.get(changelogTopic) ?? null;
  }

  commit(offsets: ReadonlyMap<string, bigint>): void {
    for (const table of this.#tables.values()) table.commit();
    for (const [topic, offset] of offsets) this.#offsets.set(topic, offset);
  }

  rollback(): void {
    for (const table of this.#tables.values()) table.rollback();
  }

  reasonToRefuse(): null {
    return null;
  }

  discardIfCorrupt(): boolean {
    return false;
  }

  close(): void {
    this.#tables.clear();
    this.#offsets.clear();
  }

  #table(name: string): MemoryTable {
    const existing = this.#tables.get(name);
    if (existing !== undefined) return existing;
    const table = new MemoryTable();
    this.#tables.set(name, table);
    return table;
  }
}
