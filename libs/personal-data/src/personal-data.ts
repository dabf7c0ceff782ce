import { randomBytes } from 'node:crypto';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { KeyName, PersonalData } from '@millrace/streaming-core/personal';
import type { Clock, DurationMs } from '@millrace/streaming-core/runtime';
import { keyBytes, nonceBytes, loadedKeys } from './loaded-keys.ts';
import { createErasure, type Erasure } from './erasure.ts';
import { nameOf, refuseName, type NamedRecord, type KeyRecord } from './key-names.ts';
import { createKeys, findKeys } from './postgres/postgres-keys.ts';

export interface PersonalDataOptions {
  /** The database of the keys, with the migrations of this library. */
  readonly database: SqlDatabase;
  /** The same database without the short limit for a statement: by default `database`. */
  readonly maintenance?: SqlDatabase;
  readonly clock: Clock;
  /** A key is asked for again after this time, so that an erasure takes effect in every process. */
  readonly cacheMs?: DurationMs;
  readonly cachedKeysMax?: number;
  /**
   * False while processes of a release that cannot open sealed values are running: values are then
   * stored as they are. Sealed ones are opened in any case. The default is true.
   */
  readonly seals?: boolean;
  /** Returns random bytes that nobody can predict. */
  readonly random?: (bytes: number) => Uint8Array;
}

/** The default of `cacheMs`. An erasure waits this long before no process can use a key any more. */
export const keyCacheMsByDefault = 10_000;

/** Seals and opens personal data with the keys of a database, and erases subjects. */
export function createPersonalData({
  database,
  maintenance = database,
  clock,
  cacheMs = keyCacheMsByDefault,
  cachedKeysMax = 10_000,
  seals = true,
  random = randomBytes,
}: PersonalDataOptions): PersonalData & Erasure {
  const cache = new KeyCache({ clock, cacheMs, keysMax: cachedKeysMax });
  const newNonce = () => random(nonceBytes);

  async function find(names: readonly KeyName[]): Promise<readonly NamedRecord[]> {
    const keep = cache.asking();
    const records = await findKeys(database, names);
    return names.map((name, index) => {
      const record = records[index];
      if (record === undefined) throw new RangeError(`the statement has no row for ${nameOf(name)}`);
      if (record.key !== 'missing') keep(nameOf(name), record);
      return { ...name, ...record };
    });
  }

  async function findOrCreate(names: readonly KeyName[]): Promise<readonly NamedRecord[]> {
    const keep = cache.asking();
    const found = await find(names);
    const missing = found.filter(({ key }) => key === 'missing');
    if (missing.length === 0) return found;
    const created = await createKeys(database, missing, () => random(keyBytes));
    const withNew = found.map((record) => {
      const key = created.get(nameOf(record));
      if (key === undefined) return record;
      keep(nameOf(record), { ...record, key });
      return { ...record, key };
    });
    const others = missing.filter((name) => !created.has(nameOf(name)));
    return others.length === 0 ? withNew : [...withNew, ...(await find(others))];
  }

  const load = (queue: KeyQueue) => async (names: readonly KeyName[]) => {
    const loaded = new Map<string, NamedRecord>();
    const unknown: KeyName[] = [];
    for (const name of names) {
      refuseName(name);
      const record = cache.get(nameOf(name));
      if (record === undefined) unknown.push(name);
      else loaded.set(nameOf(name), { ...name, ...record });
    }
    if (unknown.length > 0) for (const [name, record] of await queue.load(unknown)) loaded.set(name, record);
    return loadedKeys(loaded, { newNonce, seals });
  };

  return {
    keysToSeal: load(new KeyQueue(findOrCreate)),
    keysToOpen: load(new KeyQueue(find)),
    ...createErasure({ database, maintenance, onErased: () => cache.purge() }),
  };
}

interface CachedKey {
  readonly record: KeyRecord;
  /** When the statement was sent that found the record. */
  readonly askedAtMs: DurationMs;
}

interface KeyCacheOptions {
  readonly clock: Clock;
  readonly cacheMs: DurationMs;
  readonly keysMax: number;
}

/**
 * Holds the keys that were used last, and none longer than `cacheMs` after it was asked for. So a
 * key that another process destroys is out of use here after that time.
 */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  /** In the order of use, the least recent first. */
  readonly #keys = new Map<string, CachedKey>();
  #purges = 0;

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  get(name: string): KeyRecord | undefined {
    const cached = this.#keys.get(name);
    if (cached === undefined) return undefined;
    this.#keys.delete(name);
    if (this.#options.clock.monotonic() - cached.askedAtMs >= this.#options.cacheMs) return undefined;
    this.#keys.set(name, cached);
    return cached.record;
  }

  /** Call this before the statement is sent. It returns a function that keeps the answers. */
  asking(): (name: string, record: KeyRecord) => void {
    const askedAtMs = this.#options.clock.monotonic();
    const purges = this.#purges;
    return (name, record) => {
      if (purges !== this.#purges) return; // the answer may be older than an erasure by this process
      this.#keys.delete(name);
      this.#keys.set(name, { record, askedAtMs });
      if (this.#keys.size > this.#options.keysMax) this.#dropLeastRecent();
    };
  }

  /** Forgets all keys, among them those that are being asked for. */
  purge(): void {
    this.#purges += 1;
    this.#keys.clear();
  }

  #dropLeastRecent(): void {
    for (const name of this.#keys.keys()) {
      this.#keys.delete(name);
      return;
    }
  }
}

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
