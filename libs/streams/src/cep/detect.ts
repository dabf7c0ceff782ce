import { requiredSerde } from '../dsl/store-plan.ts';
import { graphState } from '../dsl/stream-state.ts';
import type { KStream } from '../dsl/streams-and-tables.ts';
import { produced } from '../dsl/options/topics.ts';
import { keyValueStore, windowStore } from '../dsl/options/stores.ts';
import type { Serde } from '../serdes/serde.ts';
import { serdes } from '../serdes/serdes.ts';
import { TopologyError } from '../topology/topology-spec.ts';
import { type Detected, PatternDetector } from './pattern-detector.ts';
import { checkPattern, type Pattern } from './pattern.ts';
import { runnable } from './key-runs.ts';
import { storedRuns } from './stored-runs.ts';

export interface DetectOptions<K, T, Match> {
  /**
   * Prefix of the stores and nodes (default `detect`). It must be unique in the topology. A detection
   * that is renamed starts without its state.
   */
  readonly name?: string;
  /** How long an event waits for earlier ones, in milliseconds of event time (default 0). */
  readonly grace?: number;
  /** The topic for events that came too late, unchanged. Without it they are only counted. */
  readonly late?: string;
  /**
   * Returns the id of an event. A repeated id of the same key within `within + grace` is dropped,
   * because a producer may send an event twice. Needs `within`.
   */
  readonly distinctBy?: (event: T) => string;
  /** How many partial matches a key may have (default 1,000). Then the oldest is dropped and counted. */
  readonly runsMaxPerKey?: number;
  /** Receives the partial matches that timed out, each with the events it had taken. Needs `within`. */
  readonly timedOut?: (partial: KStream<K, Partial<Match>>) => void;
  /**
   * After so many milliseconds of the wall clock without an event, time goes on with the clock, so
   * that waiting events are judged and absences noticed. By default time moves only with events,
   * and a replay gives the same matches.
   */
  readonly idleTimeout?: number;
  /** Required if an upstream operator may have changed the type of the key. */
  readonly keySerde?: Serde<K>;
  /** Required if an upstream operator may have changed the type of the event. */
  readonly valueSerde?: Serde<T>;
}

const runsMaxByDefault = 1_000;

/**
 * Returns the matches of a pattern, per key: the events by the names of their steps. A match has the
 * time of the event that completed it, or the time at which `within` passed, and no headers.
 *
 * Events are judged in the order of their times, and of their arrival if times are equal, once the
 * stream time is `grace` past them. The same events give the same matches, in whatever order they
 * come within `grace`, and after a crash if the application runs with exactly once. Later events are
 * counted as `late`, those without a key or a value as `null_key` and `null_value`, repeated ones as
 * `duplicate`, partial matches over the limit as `too_many_runs`, and partial matches of a pattern
 * whose steps were since changed as `pattern_changed`.
 *
 * Repartitions first if an operator before it may have changed the key. Throws `TopologyError` for a
 * pattern or an option that makes no sense.
 *
 * @example
 * ```ts
 * import { consumed, minutes, produced, seconds, serdes, StreamsBuilder } from '@millrace/streams';
 * import { begin, detect } from '@millrace/streams/cep';
 *
 * const door = serdes.json<{ readonly kind: 'opened' | 'closed' }>();
 * const leftOpen = begin<{ readonly kind: 'opened' | 'closed' }>('first')
 *   .where(({ kind }) => kind === 'opened')
 *   .notFollowedBy('closed')
 *   .where(({ kind }) => kind === 'closed')
 *   .within(minutes(10));
 *
 * const builder = new StreamsBuilder();
 * const doors = builder.stream('doors', consumed(serdes.string, door));
 * detect(doors, leftOpen, { name: 'left-open', grace: seconds(5), late: 'late-doors' })
 *   .mapValues(({ first }) => first)
 *   .to('doors-left-open', produced(serdes.string, door));
 * ```
 */
export function detect<K, T, Before, Last, Previous>(
  stream: KStream<K, T>,
  pattern: Pattern<T, Before, Last, Previous>,
  options: DetectOptions<K, T, Before & Last> = {},
): KStream<K, Before & Last> {
  const { definition } = pattern;
  const { name = 'detect', late, timedOut, distinctBy, runsMaxPerKey = runsMaxByDefault } = options;
  checkPattern(definition);
  checkOptions(name, definition.withinMs, options);
  const { keySerde, valueSerde } = serdesOf(stream, name, options);
  const graceMs = options.grace ?? 0;
  const names = { runs: `${name}-runs`, events: `${name}-events`, seen: `${name}-seen` };
  const idMs = (definition.withinMs ?? 0) + graceMs;
  const seen = { retentionMs: Math.max(1, idMs), windowSizeMs: 1 };
  const detected = keyed(stream, { name, keySerde, valueSerde }).processValues(
    () =>
      new PatternDetector<K, T>({
        name,
        names,
        pattern: runnable(definition, runsMaxPerKey),
        keySerde,
        valueSerde,
        graceMs,
        distinct: distinctBy && { idOf: distinctBy, forMs: idMs },
        idleTimeoutMs: options.idleTimeout,
        reportsTimeouts: timedOut !== undefined,
        reportsLate: late !== undefined,
      }),
    {
      named: name,
      stores: [
        keyValueStore(names.runs, keySerde, storedRuns),
        keyValueStore(names.events, serdes.bytes, serdes.bytes),
        ...(distinctBy === undefined ? [] : [windowStore(names.seen, serdes.bytes, serdes.bytes, seen)]),
      ],
    },
  );
  if (late !== undefined) only(detected, 'late', `${name}-late`).to(late, produced(keySerde, valueSerde));
  timedOut?.(only(detected, 'timedOut', `${name}-timed-out`));
  return only(detected, 'match', `${name}-matches`);
}

/** The values of one kind. What the detector has put together by names has the type of the names. */
const only = <K, T, Value>(
  detected: KStream<K, Detected<T>>,
  kind: Detected<T>['kind'],
  named: string,
): KStream<K, Value> =>
  detected.flatMapValues((each) => (each.kind === kind ? [each.value as Value] : []), named);

const keyed = <K, T>(
  stream: KStream<K, T>,
  repartitioned: { readonly name: string; readonly keySerde: Serde<K>; readonly valueSerde: Serde<T> },
): KStream<K, T> => (stream[graphState].repartitionRequired ? stream.repartition(repartitioned) : stream);

function serdesOf<K, T, Match>(
  stream: KStream<K, T>,
  name: string,
  options: DetectOptions<K, T, Match>,
): { readonly keySerde: Serde<K>; readonly valueSerde: Serde<T> } {
  const state = stream[graphState];
  const owner = `The detection ${name}`;
  return {
    keySerde: requiredSerde(options.keySerde ?? state.keySerde, owner, 'key', 'Give it keySerde'),
    valueSerde: requiredSerde(options.valueSerde ?? state.valueSerde, owner, 'value', 'Give it valueSerde'),
  };
}

function checkOptions<K, T, Match>(
  name: string,
  withinMs: number | undefined,
  { grace = 0, idleTimeout = 1, runsMaxPerKey = 1, distinctBy, timedOut }: DetectOptions<K, T, Match>,
): void {
  const limits = [
    ['grace', grace, 0],
    ['idleTimeout', idleTimeout, 1],
    ['runsMaxPerKey', runsMaxPerKey, 1],
  ] as const;
  for (const [option, value, min] of limits) {
    if (Number.isInteger(value) && value >= min) continue;
    throw new TopologyError(`The detection ${name} has ${option} ${value}. Give a whole number from ${min}`);
  }
  if (withinMs !== undefined) return;
  const needy = distinctBy !== undefined ? 'distinctBy' : timedOut !== undefined ? 'timedOut' : undefined;
  if (needy === undefined) return;
  throw new TopologyError(
    `The detection ${name} has ${needy}, which needs a pattern with a time limit. Add .within(ms) to the pattern`,
  );
}
