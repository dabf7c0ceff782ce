import type { KeyName } from '@millrace/streaming-core/personal';
import { nameOf, type NamedRecord } from './key-names.ts';

type Records = ReadonlyMap<string, NamedRecord>;

interface Waiting {
  readonly names: readonly KeyName[];
  resolve(records: Records): void;
  reject(error: unknown): void;
}

/** The number of keys after which a statement takes no further caller. */
const keysMax = 1_000;

/**
 * Asks for keys one statement after the other. Callers who come while one runs share the next one,
 * so that a burst of requests costs two statements and not hundreds.
 */
export class KeyQueue {
  readonly #ask: (names: readonly KeyName[]) => Promise<readonly NamedRecord[]>;
  readonly #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(ask: (names: readonly KeyName[]) => Promise<readonly NamedRecord[]>) {
    this.#ask = ask;
  }

  /** The records have the names that `nameOf` gives them. */
  async load(names: readonly KeyName[]): Promise<Records> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ names, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#answer(this.#take());
    this.#isRunning = false;
  }

  async #answer(callers: readonly Waiting[]): Promise<void> {
    const wanted = new Map(callers.flatMap(({ names }) => names).map((name) => [nameOf(name), name]));
    try {
      const records = await this.#ask([...wanted.values()]);
      const byName = new Map(records.map((record) => [nameOf(record), record]));
      for (const { resolve } of callers) resolve(byName);
    } catch (error) {
      for (const { reject } of callers) reject(error);
    }
  }

  #take(): readonly Waiting[] {
    let keys = 0;
    const last = this.#waiting.findIndex(({ names }) => (keys += names.length) >= keysMax);
    return this.#waiting.splice(0, last === -1 ? this.#waiting.length : last + 1);
  }
}
