import { randomBytes } from 'node:crypto';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { KeyName, PersonalData } from '@millrace/streaming-core/personal';
import type { Clock, DurationMs } from '@millrace/streaming-core/runtime';
import { keyBytes, nonceBytes, loadedKeys } from './loaded-keys.ts';
import { createErasure, type Erasure } from './erasure.ts';
import { KeyCache } from './key-cache.ts';
import { nameOf, refuseName, type NamedRecord } from './key-names.ts';
import { KeyQueue } from './key-queue.ts';
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
