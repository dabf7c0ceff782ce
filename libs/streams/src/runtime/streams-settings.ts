import type { ConnectionSecurity } from '@millrace/streaming-core/client';
import { minutes, seconds, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';

/** What becomes of a record that cannot be decoded, processed or written. */
export type ErrorPolicy = 'fail' | 'skip' | { readonly deadLetter: string };

/**
 * What an error does that no policy covers: `replace` starts the loop again from the last commit,
 * with growing pauses, and `close` ends the application in the state `failed`.
 */
export type UncaughtErrorAnswer = 'replace' | 'close';

export type ProcessingGuarantee = 'at_least_once' | 'exactly_once_v2';

export interface StreamsOptions {
  /** Names the consumer group, and begins the names of internal topics and transactional ids. */
  readonly applicationId: string;
  readonly bootstrapServers: readonly string[];
  /** The folder for the state. Every process of a machine needs one of its own. */
  readonly stateDir: string;
  readonly clientId?: string;
  readonly security?: ConnectionSecurity;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The default is `at_least_once`. */
  readonly guarantee?: ProcessingGuarantee;
  /** The default is 100 ms with `exactly_once_v2` and 30 s otherwise, as in Kafka Streams. */
  readonly commitIntervalMs?: DurationMs;
  /** Bytes that the caches of all stores hold back until a commit. The default is 10 MiB. */
  readonly cacheBytesMax?: number;
  readonly standbyReplicas?: number;
  /**
   * How long a task waits for records of an empty partition, so that it processes in the order of
   * time (KIP-695). The default is 0: it waits while the broker has more. -1 never waits.
   */
  readonly maxTaskIdleMs?: DurationMs;
  /** Where to begin without a committed offset. The default is `earliest`. */
  readonly autoOffsetReset?: 'earliest' | 'latest' | 'none';
  /** Replicas of internal topics. The default is that of the cluster. */
  readonly replicationFactor?: number;
  readonly onDeserializationError?: ErrorPolicy;
  readonly onProcessingError?: ErrorPolicy;
  readonly onProductionError?: ErrorPolicy;
  /** Called for every other error. The default is `close`. */
  readonly onUncaughtError?: (error: Error) => UncaughtErrorAnswer;
  /** Starts although a store with state is no longer part of the topology. */
  readonly allowTopologyChange?: boolean;
  /** Records of one partition that wait to be processed. The default is 1,000. */
  readonly bufferedRecordsMax?: number;
  /** Bytes of one partition that wait to be processed. The default is 1 MiB. */
  readonly bufferedBytesMax?: number;
  /** Bytes that are written before the next commit begins early. The default is 8 MiB. */
  readonly transactionBytesMax?: number;
  /** Records of a changelog that are applied at once. The default is 10,000. */
  readonly restoreBatchRecordsMax?: number;
  /** How long the loop works before it lets other work use the thread. The default is 8 ms. */
  readonly sliceMsMax?: DurationMs;
  /** How many records the loop processes before it does so. The default is 512. */
  readonly sliceRecordsMax?: number;
  /**
   * How soon tasks that wait for their state elsewhere are looked at again. The default is 10 minutes.
   */
  readonly probingIntervalMs?: DurationMs;
  /** How often read records of repartition topics are deleted. The default is 30 s. */
  readonly repartitionPurgeIntervalMs?: DurationMs;
  readonly sessionTimeoutMs?: DurationMs;
  readonly heartbeatIntervalMs?: DurationMs;
  readonly rebalanceTimeoutMs?: DurationMs;
  readonly transactionTimeoutMs?: DurationMs;
}

export interface StreamsSettings extends Required<
  Omit<StreamsOptions, 'replicationFactor' | 'onUncaughtError'>
> {
  readonly replicationFactor: number | undefined;
  readonly onUncaughtError: (error: Error) => UncaughtErrorAnswer;
}

const kibibyte = 1_024;
const mebibyte = kibibyte * kibibyte;

/** Throws `setting_invalid`, with the name, the value and the remedy. */
export function streamsSettings(options: StreamsOptions): StreamsSettings {
  const guarantee = options.guarantee ?? 'at_least_once';
  const sessionTimeoutMs = options.sessionTimeoutMs ?? seconds(45);
  const settings: StreamsSettings = Object.freeze({
    clientId: options.applicationId,
    security: {},
    logger: silentLogger,
    clock: systemClock,
    guarantee,
    commitIntervalMs: guarantee === 'exactly_once_v2' ? 100 : seconds(30),
    cacheBytesMax: 10 * mebibyte,
    standbyReplicas: 0,
    maxTaskIdleMs: 0,
    autoOffsetReset: 'earliest',
    replicationFactor: undefined,
    onDeserializationError: 'fail',
    onProcessingError: 'fail',
    onProductionError: 'fail',
    onUncaughtError: () => 'close',
    allowTopologyChange: false,
    bufferedRecordsMax: 1_000,
    bufferedBytesMax: mebibyte,
    transactionBytesMax: 8 * mebibyte,
    restoreBatchRecordsMax: 10_000,
    sliceMsMax: 8,
    sliceRecordsMax: 512,
    probingIntervalMs: minutes(10),
    repartitionPurgeIntervalMs: seconds(30),
    sessionTimeoutMs,
    heartbeatIntervalMs: Math.min(seconds(3), sessionTimeoutMs / 3),
    rebalanceTimeoutMs: Math.max(minutes(5), sessionTimeoutMs),
    transactionTimeoutMs: seconds(10),
    ...givenOf(options),
  } satisfies StreamsSettings);
  check(settings);
  return settings;
}

/** Leaves out options that are undefined, so that they do not replace a default. */
const givenOf = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

const legalId = /^[a-zA-Z0-9._-]{1,200}$/;

function check(settings: StreamsSettings): void {
  const { applicationId, stateDir, guarantee, maxTaskIdleMs, commitIntervalMs } = settings;
  if (typeof applicationId !== 'string' || !legalId.test(applicationId))
    throw invalid('applicationId', applicationId, '1 to 200 letters, digits, dots, underscores and hyphens');
  if (typeof stateDir !== 'string' || stateDir === '')
    throw invalid('stateDir', stateDir, 'the path of a folder');
  if (guarantee !== 'at_least_once' && guarantee !== 'exactly_once_v2')
    throw invalid('guarantee', guarantee, 'at_least_once or exactly_once_v2');
  if (!Number.isInteger(maxTaskIdleMs) || maxTaskIdleMs < -1)
    throw invalid('maxTaskIdleMs', maxTaskIdleMs, 'milliseconds from 0, or -1 to never wait');
  if (settings.transactionTimeoutMs <= commitIntervalMs && guarantee === 'exactly_once_v2')
    throw invalid(
      'transactionTimeoutMs',
      settings.transactionTimeoutMs,
      `more than commitIntervalMs (${commitIntervalMs})`,
    );
  for (const [name, min] of Object.entries(wholeNumbers)) {
    const value = settings[name as keyof typeof wholeNumbers];
    if (!Number.isSafeInteger(value) || value < min) throw invalid(name, value, `a whole number from ${min}`);
  }
}

const wholeNumbers = {
  commitIntervalMs: 0,
  cacheBytesMax: 0,
  standbyReplicas: 0,
  bufferedRecordsMax: 1,
  bufferedBytesMax: 1,
  transactionBytesMax: 1,
  restoreBatchRecordsMax: 1,
  sliceMsMax: 1,
  sliceRecordsMax: 1,
} as const;

const invalid = (name: string, value: unknown, remedy: string) =>
  new StreamsError('setting_invalid', `${name} is ${JSON.stringify(value)}: give ${remedy}`);
