import { z } from 'zod';
import { compressionCodecs, type CompressionCodec } from '../../records/record-batch.ts';
import type { DurationMs } from '../../runtime/index.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';
import {
  between,
  checkedOptions,
  countFrom1,
  functionOf,
  optionsOf,
  refused,
  span,
  wholeNumber,
  type OptionSchemas,
  oneOf,
} from '../connection/options.ts';
import { stickyPartitioner, type Partitioner } from './partitioners.ts';
import type { PipelineSettings } from './partition-pipeline.ts';
import type { Acks } from './produce-request.ts';
import type { SendQueueLimits } from './send-buffer.ts';

/** The options that producers with and without transactions share. */
export interface SendingOptions extends ConnectionOptions, Partial<SendQueueLimits> {
  /**
   * The size limit of a record, including its overhead in a batch. The broker limits a batch to
   * about 1 MiB.
   */
  readonly recordBytesMax?: number;
  readonly requestBytesMax?: number;
  readonly requestRecordsMax?: number;
  /**
   * How long records may take to be acknowledged before they fail as indeterminate. Callers do not
   * notice shorter outages.
   */
  readonly deliveryTimeoutMs?: DurationMs;
  /**
   * How long a topic may be unknown before a send to it is rejected. Metadata lags a little behind
   * the creation of a topic.
   */
  readonly unknownTopicTimeoutMs?: DurationMs;
  readonly closeTimeoutMs?: DurationMs;
  /** Chooses the partitions of records that name none. The default is the sticky partitioner. */
  readonly partitioner?: Partitioner;
  /**
   * The compression of each batch. There is none by default. The limits apply to uncompressed data.
   */
  readonly compression?: CompressionCodec;
}

export interface ProducerOptions extends SendingOptions {
  /**
   * Whose acknowledgement a record needs: that of all replicas in sync (`'all'`, the default), of
   * the leader alone (1), or of nobody (0). With 0 a send resolves once its bytes have left the
   * process, and no offset is known.
   */
  readonly acks?: Acks;
  /**
   * Whether repeated batches are written once and in order. The default is true with acks `'all'`,
   * and false otherwise, because the broker does not support it there.
   */
  readonly idempotence?: boolean;
  /**
   * How many requests may be in flight per broker, from 1 to 5. Without idempotence, a retry can
   * change the order of batches unless this is 1.
   */
  readonly maxInFlight?: number;
  /** How often a batch is repeated within `deliveryTimeoutMs`. There is no limit by default. */
  readonly retries?: number;
  /**
   * How long a batch waits for more records. The default is 0: a batch has the records of one turn
   * of the event loop, and those that arrive while earlier requests are in flight.
   */
  readonly lingerMs?: DurationMs;
  /** The size at which a batch is sent without waiting. A larger record has a batch of its own. */
  readonly batchBytesMax?: number;
  /**
   * How long a call waits for room if the buffer is full. The default is 0: it is rejected with
   * `queue_full` at once. At most 1,000 calls wait.
   */
  readonly maxBlockMs?: DurationMs;
}

export interface ProducerSettings extends ConnectionSettings, PipelineSettings, SendQueueLimits {
  readonly acks: Acks;
  readonly recordBytesMax: number;
  readonly requestBytesMax: number;
  readonly unknownTopicTimeoutMs: DurationMs;
  readonly closeTimeoutMs: DurationMs;
  readonly maxBlockMs: DurationMs;
  readonly partitioner: Partitioner;
  readonly compression: CompressionCodec;
}

export const sendingDefaults = {
  recordBytesMax: 1_000_000,
  requestBytesMax: 1_000_000,
  requestRecordsMax: 10_000,
  queueRecordsMax: 100_000,
  bufferBytesMax: 64 * 1024 * 1024,
  deliveryTimeoutMs: 60_000,
  unknownTopicTimeoutMs: 5_000,
  closeTimeoutMs: 10_000,
  compression: 'none',
} as const;

export const producerDefaults = {
  acks: 'all',
  maxInFlight: 5,
  retries: Infinity,
  lingerMs: 0,
  batchBytesMax: 1_000_000,
  maxBlockMs: 0,
} as const;

/** How many of a producer's batches the broker recognizes. */
const inFlightMax = 5;

const size = countFrom1.optional();

export const sendingSchemas = {
  ...connectionSchemas,
  queueRecordsMax: size,
  bufferBytesMax: size,
  recordBytesMax: size,
  requestBytesMax: size,
  requestRecordsMax: size,
  deliveryTimeoutMs: size,
  unknownTopicTimeoutMs: span.optional(),
  closeTimeoutMs: span.optional(),
  partitioner: z
    .object(
      { partition: functionOf(), onBatchSealed: functionOf().optional() },
      'a partitioner, such as roundRobinPartitioner()',
    )
    .optional(),
  compression: z.enum(compressionCodecs, oneOf(compressionCodecs)).optional(),
} satisfies OptionSchemas<SendingOptions>;

const producerOptions = optionsOf({
  ...sendingSchemas,
  acks: z.literal([0, 1, 'all'], { error: "0, 1 or 'all'" }).optional(),
  idempotence: z.boolean('true or false').optional(),
  maxInFlight: wholeNumber(1, inFlightMax).optional(),
  retries: between(0, Infinity, 'a number, at least 0').optional(),
  lingerMs: span.optional(),
  batchBytesMax: size,
  maxBlockMs: span.optional(),
} satisfies OptionSchemas<ProducerOptions>);

/** Throws `settings_refused` for settings that are invalid or contradict each other. */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  const settings = {
    ...sendingDefaults,
    ...producerDefaults,
    partitioner: stickyPartitioner(),
    ...connectionSettings(checkedOptions(producerOptions, options)),
  } as ProducerSettings;
  const { acks, idempotence = acks === 'all' } = settings;
  if (idempotence && acks !== 'all')
    throw refused(
      `idempotence needs the acknowledgement of all replicas, but acks is ${acks}: ` +
        "set acks to 'all', or idempotence to false",
    );
  return Object.freeze({ ...settings, idempotence });
}

/**
 * Options for `connectProducer` by purpose, as guides to Kafka recommend them. Spread one before
 * the options of your own. `highThroughput` and `lowLatency` trust the leader alone, so records can
 * be lost with it; `throughput` and `latency` keep the default, which is safe.
 */
export const producerPresets = {
  noDataLoss: { acks: 'all' },
  highThroughput: { acks: 1, batchBytesMax: 65_536, lingerMs: 5 },
  lowLatency: { acks: 1, lingerMs: 0 },
  general: {
    acks: 'all',
    retries: 3,
    batchBytesMax: 16_384,
    lingerMs: 10,
    compression: 'gzip',
    idempotence: true,
  },
  throughput: { batchBytesMax: 32_768, lingerMs: 100 },
  latency: { batchBytesMax: 1, lingerMs: 0 },
} as const satisfies Readonly<Record<string, Partial<ProducerOptions>>>;

/** Options for `connectTransactionalProducer`, for results that are written exactly once. */
export const exactlyOnce = <Id extends string>(transactionalId: Id) => ({
  idempotence: true as const,
  transactionalId,
});

/** The topic settings that belong to a preset. The broker enforces them, not the producer. */
export const topicPresets = {
  noDataLoss: { 'min.insync.replicas': '2' },
} as const;
