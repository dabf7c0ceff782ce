import {
  SerdeError,
  type ReadOnlyKeyValueStore,
  type ReadOnlySessionStore,
  type ReadOnlyWindowStore,
  type StoreIterator,
  type Windowed,
} from '@millrace/streams';
import type { StoreEntry, StoreView } from '@millrace/operations/contract';
import { refusal } from '../../web/problems/problem.ts';
import type { OperatedApplication } from './operated-applications.ts';

/** An answer ends with the entry that makes it longer than this. */
const answerBytesMax = 1_000_000;

export interface StoreRequest {
  readonly store: string;
  /** The bytes of one key. Without it, all keys are read. */
  readonly key: Uint8Array | undefined;
  readonly limit: number;
}

/**
 * Reads the first entries of a store, or what it has of one key, as of the last commit. Returns
 * undefined if the application has no such store or it has no queries. Throws `not_running` while
 * the tasks do not run, and a problem for a key that the store's serde cannot read.
 */
export function readStore(
  { app, topology, applicationId }: OperatedApplication,
  { store, key, limit }: StoreRequest,
): StoreView | undefined {
  const spec = topology.subTopologies.flatMap(({ stores }) => stores).find(({ name }) => name === store);
  if (spec === undefined || spec.kind === 'suppress_buffer') return undefined;
  const wanted = key && decoded(spec.keySerde, key, topology.storeTopic(store, applicationId));
  switch (spec.kind) {
    case 'key_value':
      return firstOf(entriesOf(app.store<ReadOnlyKeyValueStore<unknown, unknown>>(store), wanted), limit);
    case 'window':
      return firstOf(windowsOf(app.store<ReadOnlyWindowStore<unknown, unknown>>(store), wanted), limit);
    case 'session': {
      if (wanted === undefined)
        throw refusal('invalid_request', {
          errors: [{ field: 'key', message: 'is needed for a store of sessions' }],
        });
      const sessions = app.store<ReadOnlySessionStore<unknown, unknown>>(store).fetch(wanted.key);
      return firstOf(
        windowed(sessions, ({ window }) => window.endMs),
        limit,
      );
    }
  }
}

interface WantedKey {
  readonly key: unknown;
}

function decoded(
  serde: { decode(bytes: Uint8Array, topic: string): unknown },
  bytes: Uint8Array,
  topic: string,
): WantedKey {
  try {
    return { key: serde.decode(bytes, topic) };
  } catch (error) {
    if (error instanceof SerdeError)
      throw refusal('invalid_request', { errors: [{ field: 'key', message: error.message }] });
    throw error;
  }
}

function* entriesOf(
  store: ReadOnlyKeyValueStore<unknown, unknown>,
  wanted: WantedKey | undefined,
): Generator<StoreEntry> {
  if (wanted === undefined) {
    using all = store.all();
    for (const { key, value } of all) yield { key, from: null, to: null, value };
    return;
  }
  const value = store.get(wanted.key);
  if (value !== null) yield { key: wanted.key, from: null, to: null, value };
}

function* windowsOf(
  store: ReadOnlyWindowStore<unknown, unknown>,
  wanted: WantedKey | undefined,
): Generator<StoreEntry> {
  if (wanted === undefined) return yield* windowed(store.all());
  using values = store.backwardFetchRange(wanted.key, 0, Number.MAX_SAFE_INTEGER);
  for (const { startMs, value } of values) yield { key: wanted.key, from: isoTime(startMs), to: null, value };
}

function* windowed(
  entries: StoreIterator<{ readonly key: Windowed<unknown>; readonly value: unknown }>,
  endOf?: (key: Windowed<unknown>) => number,
): Generator<StoreEntry> {
  using read = entries;
  for (const { key, value } of read)
    yield { key: key.key, from: isoTime(key.window.startMs), to: endOf ? isoTime(endOf(key)) : null, value };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

function firstOf(entries: Iterable<StoreEntry>, limit: number): StoreView {
  const items: StoreEntry[] = [];
  let bytes = 0;
  for (const { key, value, ...at } of entries) {
    if (items.length === limit || bytes > answerBytesMax) return { items, complete: false };
    const text = JSON.stringify({ key, value }, asJson);
    bytes += Buffer.byteLength(text);
    items.push({ ...at, ...(JSON.parse(text) as Pick<StoreEntry, 'key' | 'value'>) });
  }
  return { items, complete: true };
}

/** Shows what JSON has no form for: big integers as texts, and bytes as hexadecimal digits. */
function asJson(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const original = this[name];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('hex');
  return typeof original === 'bigint' ? String(original) : value;
}
