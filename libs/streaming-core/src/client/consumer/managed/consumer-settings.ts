import { z } from 'zod';
import type { DurationMs } from '../../../runtime/index.ts';
import { connectionSettings, type ConnectionOptions } from '../../connection/connection-settings.ts';
import {
  between,
  functionOf,
  listOf,
  named,
  optionsOf,
  checkedOptions,
  refused,
  spanAbove0,
  text,
  type OptionSchemas,
} from '../../connection/options.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import type { Assignor } from '../assignor.ts';
import { cooperativeStickyAssignor } from '../cooperative-sticky-assignor.ts';
import { assignorsOf, memberSchemas, refuseUnusable } from '../group-settings.ts';
import type { GroupSettings } from '../group-requests.ts';
import { readerDefaults, type ReaderLimits, type ReaderSettings } from '../log-reader.ts';

export interface AutoCommit {
  readonly intervalMs: DurationMs;
}

/** Called around a rebalance. The group waits for `onAssigned` and `onRevoked`. */
export interface ConsumerListener {
  /**
   * The consumer has received these partitions, and fetches nothing of them before this has resolved.
   * So a `seek` takes effect before the first fetch, however long the listener looks for its place.
   */
  onAssigned?(added: readonly TopicPartition[]): Promise<void> | void;
  /**
   * The consumer gives these partitions up. Their last record is finished, or `drainTimeoutMs` has
   * passed. Commits are still possible.
   */
  onRevoked?(revoked: readonly TopicPartition[]): Promise<void> | void;
  /**
   * The consumer has lost these partitions, which may have other owners already. Commits are no
   * longer possible. Without this method, `onRevoked` is called.
   */
  onLost?(lost: readonly TopicPartition[]): Promise<void> | void;
}

export interface ConsumerOptions extends ConnectionOptions, Partial<ReaderLimits>, ConsumerListener {
  readonly groupId: string;
  /** The topics to read. A topic that does not exist yet is read once it is created. */
  readonly topics?: readonly string[];
  /**
   * Reads every topic whose name the expression matches, or for which the function returns true. Also
   * reads topics that are created later.
   */
  readonly pattern?: RegExp | ((topic: string) => boolean);
  /**
   * How the group shares its partitions, the preferred way first. All members need one in common.
   * The default is `cooperativeStickyAssignor`.
   */
  readonly assignors?: readonly Assignor[];
  /**
   * Commits what the application has finished, every 5 s by default, and when partitions are given
   * up. With `false`, only `commit` does.
   */
  readonly autoCommit?: false | AutoCommit;
  /** The place to begin if no offset is committed. The default is `latest`, as in Kafka. */
  readonly autoOffsetReset?: 'earliest' | 'latest' | 'none';
  /** The name of a static member (KIP-345), which keeps its partitions across a quick restart. */
  readonly groupInstanceId?: string;
  /** The place of this process, such as its availability zone, for assignors that consider it. */
  readonly rackId?: string;
  /** No fetch is sent while more bytes than this are buffered. The default is 32 MiB. */
  readonly maxBufferedBytes?: number;
  /** Ends the loop and closes the consumer. */
  readonly signal?: AbortSignal;
  /** How often topics and their partition counts are compared with those of the assignment. */
  readonly topicRefreshMs?: DurationMs;
  /**
   * How long `close` and a revocation wait until the loop has finished the record that it has in
   * hand. The record comes again elsewhere if it takes longer.
   */
  readonly drainTimeoutMs?: DurationMs;
  readonly sessionTimeoutMs?: DurationMs;
  /**
   * The time that the loop may work on what it has in hand. If it has not asked for more by then,
   * the consumer gives up its partitions, and joins the group again when the loop does ask. The
   * default is 5 minutes, as in Kafka.
   */
  readonly maxPollIntervalMs?: DurationMs;
  /**
   * How long the group waits for its members to give up partitions and rejoin. The default is
   * `maxPollIntervalMs`, and at least a minute and `sessionTimeoutMs`.
   */
  readonly rebalanceTimeoutMs?: DurationMs;
  readonly heartbeatIntervalMs?: DurationMs;
  /** How long `close` waits for the last commit and for leaving the group. */
  readonly closeTimeoutMs?: DurationMs;
}

export interface ConsumerSettings extends GroupSettings, ReaderSettings {
  readonly subscribed: readonly string[] | ((topic: string) => boolean);
  readonly assignors: readonly Assignor[];
  readonly autoCommit: false | AutoCommit;
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none';
  readonly rackId?: string;
  readonly maxBufferedBytes: number;
  readonly topicRefreshMs: DurationMs;
  readonly maxPollIntervalMs: DurationMs;
  readonly drainTimeoutMs: DurationMs;
  readonly closeTimeoutMs: DurationMs;
}

const callback = functionOf('a function, or leave it out').optional();

const consumerOptions = optionsOf({
  ...memberSchemas,
  topics: listOf(
    named('the name of a topic'),
    "topic names, such as ['orders']",
    'at least one topic',
  ).optional(),
  pattern: z
    .union([z.instanceof(RegExp), functionOf('a function')], {
      error: 'a regular expression, such as /^orders/, or a function',
    })
    .optional(),
  assignors: assignorsOf(z.enum(['cooperative', 'eager'], 'cooperative or eager')).optional(),
  autoCommit: z
    .union(
      [z.literal(false), z.strictObject({ intervalMs: spanAbove0 })],
      'false, or an interval above 0, such as { intervalMs: 5000 }',
    )
    .optional(),
  autoOffsetReset: z.enum(['earliest', 'latest', 'none'], 'earliest, latest or none').optional(),
  rackId: text.optional(),
  maxBufferedBytes: between(Number.MIN_VALUE, Infinity, 'a number above 0').optional(),
  signal: z.instanceof(AbortSignal, { error: 'an AbortSignal, such as controller.signal' }).optional(),
  topicRefreshMs: spanAbove0.optional(),
  drainTimeoutMs: spanAbove0.optional(),
  maxPollIntervalMs: spanAbove0.optional(),
  onAssigned: callback,
  onRevoked: callback,
  onLost: callback,
} satisfies OptionSchemas<ConsumerOptions>);

/** Throws `settings_refused` for options that cannot work, and names the remedy. */
export function consumerSettings(given: ConsumerOptions): ConsumerSettings {
  const options = checkedOptions(consumerOptions, given);
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 45_000;
  const maxPollIntervalMs = options.maxPollIntervalMs ?? 300_000;
  const settings: ConsumerSettings = {
    ...readerDefaults,
    fetchConnectionsMax: 3, // a few polls for all partitions, rather than one for each
    assignors: [cooperativeStickyAssignor],
    autoCommit: { intervalMs: 5_000 },
    autoOffsetReset: 'latest',
    maxBufferedBytes: 32 * 1024 * 1024,
    topicRefreshMs: 30_000,
    drainTimeoutMs: 10_000,
    closeTimeoutMs: 15_000,
    rebalanceTimeoutMs: Math.max(60_000, sessionTimeoutMs, maxPollIntervalMs),
    heartbeatIntervalMs: Math.min(3_000, sessionTimeoutMs / 3),
    groupId: options.groupId,
    groupInstanceId: options.groupInstanceId,
    subscribed: subscribedBy(options),
    ...connectionSettings(options),
    sessionTimeoutMs,
    maxPollIntervalMs,
  };
  refuseUnusable(settings);
  refuseUnusableAssignors(settings);
  return { ...settings, fetchMaxBytes: Math.min(settings.fetchMaxBytes, settings.maxBufferedBytes) };
}

function subscribedBy({ topics, pattern }: ConsumerOptions): ConsumerSettings['subscribed'] {
  if (topics !== undefined && pattern === undefined) return topics;
  if (topics === undefined && pattern !== undefined) {
    if (!(pattern instanceof RegExp)) return pattern;
    const stateless = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
    return (topic) => stateless.test(topic);
  }
  throw refused('give either topics or pattern');
}

function refuseUnusableAssignors({ assignors }: ConsumerSettings): void {
  const names = assignors.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw refused(`assignors has a name twice (${names.join(', ')}): give each assignor its own`);
  const common = (['cooperative', 'eager'] as const).some((protocol) =>
    assignors.every(({ protocols }) => protocols.includes(protocol)),
  );
  if (!common)
    throw refused(
      `the assignors ${names.join(', ')} have no rebalance protocol in common: ` +
        'give only cooperative or only eager ones',
    );
}
