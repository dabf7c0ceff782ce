import { minutes, seconds, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';
import type { StreamsOptions, StreamsSettings, ErrorPolicy } from './streams-options.ts';

const kibibyte = 1_024;
const mebibyte = kibibyte * kibibyte;

const requiredOptions = ['applicationId', 'bootstrapServers', 'stateDir'] as const;
type RequiredOption = (typeof requiredOptions)[number];

/**
 * Completes the options with defaults. Throws `setting_invalid` with the name, the value and the
 * remedy.
 */
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
    endOffsets: new Map(),
  } satisfies Omit<StreamsSettings, RequiredOption>;
  refuseUnknown(
    options,
    [...requiredOptions, ...Object.keys(defaults)].filter((name) => name !== 'endOffsets'),
  );
  const settings: StreamsSettings = Object.freeze({ ...defaults, ...givenOf(options) });
  refuseWrong(settings);
  return settings;
}

/** Leaves out options that are undefined, so that they do not replace a default. */
const givenOf = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

const legalId = /^[a-zA-Z0-9._-]{1,200}$/;

/** Throws `setting_invalid` for the first setting that is out of its range. */
function refuseWrong(settings: StreamsSettings): void {
  const { applicationId, bootstrapServers, stateDir, guarantee, maxTaskIdleMs, commitIntervalMs } = settings;
  if (typeof applicationId !== 'string' || !legalId.test(applicationId))
    throw invalid('applicationId', applicationId, '1 to 200 letters, digits, dots, underscores and hyphens');
  if (!Array.isArray(bootstrapServers) || bootstrapServers.length === 0)
    throw invalid('bootstrapServers', bootstrapServers, 'a list of addresses such as "127.0.0.1:9092"');
  if (typeof stateDir !== 'string' || stateDir === '')
    throw invalid('stateDir', stateDir, 'the path of a folder');
  if (guarantee !== 'at_least_once' && guarantee !== 'exactly_once_v2')
    throw invalid('guarantee', guarantee, 'at_least_once or exactly_once_v2');
  if (!['earliest', 'latest', 'none'].includes(settings.autoOffsetReset))
    throw invalid('autoOffsetReset', settings.autoOffsetReset, 'earliest, latest or none');
  for (const name of policies)
    if (!isPolicy(settings[name]))
      throw invalid(name, settings[name], "'fail', 'skip' or { deadLetter: TOPIC }");
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
  suppressBytesMax: 1,
  storeKeyBytesMax: 1,
  restoreBatchRecordsMax: 1,
  sliceMsMax: 1,
  sliceRecordsMax: 1,
} as const;

const policies = ['onDeserializationError', 'onProcessingError', 'onProductionError'] as const;

const isPolicy = (policy: ErrorPolicy): boolean =>
  policy === 'fail' || policy === 'skip' || typeof policy?.deadLetter === 'string';

/** Throws `setting_invalid` for a misspelled option, which would have no effect. */
function refuseUnknown(options: StreamsOptions, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new StreamsError(
      'setting_invalid',
      `${unknown} is not an option: the options are ${known.join(', ')}`,
    );
}

const invalid = (name: string, value: unknown, remedy: string) =>
  new StreamsError('setting_invalid', `${name} is ${JSON.stringify(value)}: give ${remedy}`);
