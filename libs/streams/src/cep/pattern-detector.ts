import type { NodeContext } from '../processor/node.ts';
import type { Processor } from '../processor/processor.ts';
import type { StreamRecord } from '../processor/record.ts';
import { joinPair } from '../serdes/byte-pairs.ts';
import type { Serde } from '../serdes/serde.ts';
import { encodeText } from '../serdes/serdes.ts';
import type { KeyValueStore, WindowStore } from '../state/stores.ts';
import { EventTimeBuffer } from './event-time-buffer.ts';
import type { Progress, RunnablePattern } from './key-runs.ts';
import { type LoadedRuns, MatchBuffer } from './match-buffer.ts';
import { matchOf, type PlacedEvent, type UntypedMatch } from './run.ts';
import { type Codec, StoredEvent } from './stored-event.ts';

/** A record that a detector forwards: a match, a partial match that timed out, or a late event. */
export type Detected<T> =
  | { readonly kind: 'match' | 'timedOut'; readonly value: UntypedMatch<T> }
  | { readonly kind: 'late'; readonly value: T };

interface DetectorParts<K, T> {
  readonly name: string;
  readonly names: { readonly runs: string; readonly events: string; readonly seen: string };
  readonly pattern: RunnablePattern<T>;
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<T>;
  readonly graceMs: number;
  /** How ids are found, and how long they are remembered. */
  readonly distinct: { readonly idOf: (event: T) => string; readonly forMs: number } | undefined;
  readonly idleTimeoutMs: number | undefined;
  readonly reportsTimeouts: boolean;
  readonly reportsLate: boolean;
}

/** Puts the events of a task in order, and shows them to the runs of their keys. */
export class PatternDetector<K, T> implements Processor<K, T, K, Detected<T>> {
  readonly #parts: DetectorParts<K, T>;
  #context!: NodeContext<K, Detected<T>>;
  #waiting!: EventTimeBuffer<K, T>;
  #values!: Codec<T>;
  #matches!: MatchBuffer<K, T>;
  #seen: SeenIds<K, T> | undefined;
  #clock!: EventClock;
  #lastInputMs = 0;

  constructor(parts: DetectorParts<K, T>) {
    this.#parts = parts;
  }

  init(context: NodeContext<K, Detected<T>>): void {
    const { name, names, pattern, distinct, idleTimeoutMs } = this.#parts;
    const store = context.store<KeyValueStore<Uint8Array, Uint8Array>>(names.events);
    const keys = codec(this.#parts.keySerde, context, names.events);
    const values = codec(this.#parts.valueSerde, context, names.events);
    this.#context = context;
    this.#values = values;
    this.#clock = new EventClock(context, name);
    this.#waiting = new EventTimeBuffer({ store, keys, values });
    this.#matches = new MatchBuffer({
      store: context.store(names.runs),
      values,
      pattern,
      onUnreadable: (runs) => this.#drop(runs, 'pattern_changed'),
    });
    if (distinct !== undefined) this.#seen = new SeenIds(context.store(names.seen), keys, distinct);
    if (idleTimeoutMs === undefined) return;
    this.#lastInputMs = context.wallClockMs;
    context.schedule(idleTimeoutMs, 'wall_clock', () => this.#advanceIfIdle(idleTimeoutMs));
  }

  process({ key, value, timestampMs, headers }: StreamRecord<K, T>): void {
    if (key === null || key === undefined) return this.#context.drop('null_key');
    if (value === null || value === undefined) return this.#context.drop('null_value');
    if (this.#parts.idleTimeoutMs !== undefined) this.#lastInputMs = this.#context.wallClockMs;
    if (this.#seen?.has(key, value, timestampMs) === true) return this.#context.drop('duplicate');
    const judgedMs = this.#clock.advanceTo(timestampMs) - this.#parts.graceMs;
    if (timestampMs < judgedMs) {
      this.#context.drop('late');
      if (!this.#parts.reportsLate) return;
      return this.#context.forward({ key, value: { kind: 'late', value }, timestampMs, headers });
    }
    this.#seen?.add(key, value, timestampMs);
    const place = { timeMs: timestampMs, sequence: this.#clock.nextSequence() };
    const event = new StoredEvent(place, { value }, this.#values);
    if (timestampMs > judgedMs) this.#waiting.addEvent(key, event);
    this.#judge(judgedMs);
    if (timestampMs === judgedMs) this.#show(key, event);
  }

  #advanceIfIdle(idleTimeoutMs: number): void {
    const nowMs = this.#context.wallClockMs;
    const idleMs = nowMs - this.#lastInputMs;
    if (idleMs < idleTimeoutMs || this.#clock.nowMs < 0) return;
    this.#lastInputMs = nowMs;
    this.#judge(this.#clock.advanceTo(this.#clock.nowMs + idleMs) - this.#parts.graceMs);
  }

  #judge(untilMs: number): void {
    for (const due of this.#waiting.takeDue(untilMs)) {
      if (due.kind === 'event') this.#show(due.key, due.event);
      else this.#expire(due.key, due.timeMs);
    }
  }

  #show(key: K, event: PlacedEvent<T>): void {
    const loaded = this.#matches.load(key);
    // Timers come first, so this finds something only if `within` was made shorter.
    this.#report(key, loaded.runs.expire(event.timeMs), event.timeMs);
    this.#report(key, loaded.runs.take(event), event.timeMs);
    this.#save(key, loaded, loaded.timerMs);
  }

  /** Ignores an outdated timer, whose runs have all ended. */
  #expire(key: K, timeMs: number): void {
    const loaded = this.#matches.load(key);
    if (loaded.timerMs !== timeMs) return;
    this.#report(key, loaded.runs.expire(timeMs), timeMs);
    this.#save(key, loaded, -1);
  }

  #save(key: K, loaded: LoadedRuns<T>, timerMs: number): void {
    const nextMs = timerMs < 0 ? loaded.runs.deadlineMs : undefined;
    if (nextMs !== undefined) this.#waiting.addTimer(key, nextMs);
    this.#matches.save(key, loaded, nextMs ?? timerMs);
  }

  #report(key: K, { matches, timedOut, dropped }: Progress<T>, timestampMs: number): void {
    for (const match of matches) this.#forward(key, 'match', matchOf(match), timestampMs);
    if (this.#parts.reportsTimeouts)
      for (const taken of timedOut) this.#forward(key, 'timedOut', matchOf(taken), timestampMs);
    this.#drop(dropped, 'too_many_runs');
  }

  #forward(key: K, kind: 'match' | 'timedOut', value: UntypedMatch<T>, timestampMs: number): void {
    this.#context.forward({ key, value: { kind, value }, timestampMs, headers: [] });
  }

  #drop(runs: number, reason: 'too_many_runs' | 'pattern_changed'): void {
    for (let left = runs; left > 0; left -= 1) this.#context.drop(reason);
  }
}

/** The event time of a task and the number of its events, which are committed with the offsets. */
class EventClock {
  readonly #context: NodeContext;
  readonly #timeName: string;
  readonly #sequenceName: string;
  #nowMs: number;
  #sequence: number;

  constructor(context: NodeContext, name: string) {
    this.#context = context;
    this.#timeName = name;
    this.#sequenceName = `${name}-sequence`;
    this.#nowMs = context.committedMetadata(this.#timeName) ?? -1;
    this.#sequence = context.committedMetadata(this.#sequenceName) ?? 0;
  }

  /** The largest time so far in Unix milliseconds, or -1. */
  get nowMs(): number {
    return this.#nowMs;
  }

  advanceTo(timeMs: number): number {
    if (timeMs > this.#nowMs) {
      this.#nowMs = timeMs;
      this.#context.setCommittedMetadata(this.#timeName, timeMs);
    }
    return this.#nowMs;
  }

  nextSequence(): number {
    this.#sequence += 1;
    this.#context.setCommittedMetadata(this.#sequenceName, this.#sequence);
    return this.#sequence;
  }
}

/** The ids that each key has had recently. */
class SeenIds<K, T> {
  readonly #store: WindowStore<Uint8Array, Uint8Array>;
  readonly #keys: Codec<K>;
  readonly #idOf: (event: T) => string;
  readonly #forMs: number;

  constructor(
    store: WindowStore<Uint8Array, Uint8Array>,
    keys: Codec<K>,
    { idOf, forMs }: NonNullable<DetectorParts<K, T>['distinct']>,
  ) {
    this.#store = store;
    this.#keys = keys;
    this.#idOf = idOf;
    this.#forMs = forMs;
  }

  has(key: K, event: T, timeMs: number): boolean {
    using found = this.#store.fetchRange(this.#idKey(key, event), timeMs - this.#forMs, timeMs + this.#forMs);
    return found.next().done !== true;
  }

  add(key: K, event: T, timeMs: number): void {
    this.#store.put(this.#idKey(key, event), seenMark, timeMs);
  }

  #idKey(key: K, event: T): Uint8Array {
    return joinPair(this.#keys.encode(key), encodeText(this.#idOf(event)));
  }
}

const seenMark = Uint8Array.of(1);

/** The serde as the store's changelog sees it. */
function codec<T>(serde: Serde<T>, { applicationId }: NodeContext, storeName: string): Codec<T> {
  const topic = `${applicationId}-${storeName}-changelog`;
  return {
    encode(value) {
      const bytes = serde.encode(value, topic);
      if (bytes === null) throw new TypeError(`The store ${storeName} cannot keep a value without bytes`);
      return bytes;
    },
    decode: (bytes) => serde.decode(bytes, topic) as T,
  };
}
