import { minutes, seconds, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { refuseUnknown, refuseWrong } from './setting-rules.ts';
import type { StreamsOptions, StreamsSettings } from './streams-options.ts';

const kibibyte = 1_024;
const mebibyte = kibibyte * kibibyte;

const requiredOptions = ['applicationId', 'bootstrapServers', 'stateDir'] as const;
type RequiredOption = (typeof requiredOptions)[number];

/** Throws `setting_invalid`, with the name, the value and the remedy. */
export function streamsSettings(options: StreamsOptions): StreamsSettings {
  const guarantee = options.guarantee ?? 'at_least_once';
  const sessionTimeoutMs = options.sessionTimeoutMs ?? seconds(45);
  const defaults = {
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
    suppressBytesMax: 256 * mebibyte,
    storeKeyBytesMax: mebibyte,
    restoreBatchRecordsMax: 10_000,
    sliceMsMax: 8,
    sliceRecordsMax: 512,
    probingIntervalMs: minutes(10),
    repartitionPurgeIntervalMs: seconds(30),
    sessionTimeoutMs,
    heartbeatIntervalMs: Math.min(seconds(3), sessionTimeoutMs / 3),
    rebalanceTimeoutMs: Math.max(minutes(5), sessionTimeoutMs),
    transactionTimeoutMs: seconds(10),
  } satisfies Omit<StreamsSettings, RequiredOption>;
  refuseUnknown(options, [...requiredOptions, ...Object.keys(defaults)]);
  const settings: StreamsSettings = Object.freeze({ ...defaults, ...givenOf(options) });
  refuseWrong(settings);
  return settings;
}

/** Leaves out options that are undefined, so that they do not replace a default. */
const givenOf = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
