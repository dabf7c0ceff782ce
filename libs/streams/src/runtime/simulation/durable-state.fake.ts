import { MemoryEngine } from '../../state/memory-engine.ts';
import type { StoreEngine } from '../../state/store-engine.ts';
import type { Network } from './network.fake.ts';

const everything = { from: null, before: null };

/** The state folder of one process, which keeps committed rows when the process dies. */
export class DurableState {
  readonly #files = new Map<string, StateFile>();

  /** Opens the state of a task for a process, which may die before or after each commit. */
  open(taskName: string, network: Network): StoreEngine {
    const file = this.#files.get(taskName)?.reopened() ?? new StateFile(new MemoryEngine());
    this.#files.set(taskName, file);
    const { engine } = file;
    return {
      table: (name) => file.table(name),
      committed: (name) => engine.committed(name),
      offset: (changelogTopic) => engine.offset(changelogTopic),
      commit(offsets) {
        network.moment();
        file.commit(offsets);
        network.moment();
      },
      diskBytes: engine.diskBytes,
      rollback: () => engine.rollback(),
      reasonToRefuse: () => null,
      discardIfCorrupt: () => false,
      close: () => engine.rollback(),
    };
  }

  /**
   * Returns the committed rows of a task's table, and the changelog offset up to which they are
   * complete.
   */
  rows(taskName: string, table: string, changelog: string) {
    const { engine } = this.#files.get(taskName) ?? new StateFile(new MemoryEngine());
    return {
      rows: [...engine.committed(table).rows(everything, false)],
      offset: engine.offset(changelog) ?? 0n,
    };
  }
}

/**
 * A copy of the file on which a process works, so that a dead process can no longer change the
 * file.
 */
class StateFile {
  readonly engine: MemoryEngine;
  readonly #tables = new Set<string>();
  readonly #changelogs = new Set<string>();

  constructor(engine: MemoryEngine) {
    this.engine = engine;
  }

  table(name: string) {
    this.#tables.add(name);
    return this.engine.table(name);
  }

  commit(offsets: ReadonlyMap<string, bigint>): void {
    for (const topic of offsets.keys()) this.#changelogs.add(topic);
    this.engine.commit(offsets);
  }

  reopened(): StateFile {
    const copy = new StateFile(new MemoryEngine());
    for (const name of this.#tables)
      for (const { key, value } of this.engine.committed(name).rows(everything, false))
        copy.table(name).put(key, value);
    copy.commit(new Map([...this.#changelogs].map((topic) => [topic, this.engine.offset(topic)!])));
    return copy;
  }
}
