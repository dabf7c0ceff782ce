import { compressionCodecs, type CompressionCodec } from '../../records/record-batch.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import {
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';
import { connectionRules } from '../connection/connection-rules.ts';
import { refuseOptions } from '../given/refusals.ts';
import {
  functionOf,
  listOf,
  must,
  numberFrom,
  objectOf,
  oneOfTexts,
  optional,
  span,
  truth,
  wholeNumber,
  type Rules,
} from '../given/rules.ts';
import { stickyPartitioner, type Partitioner } from './partitioners.ts';
import type { ProducerInterceptor } from './producer-interceptors.ts';
import type { PipelineSettings } from './partition-pipeline.ts';
import { type Acks } from './produce-request.ts';
import type { SendQueueLimits } from './send-limits.ts';

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
  /**
   * Interceptors see and change records before they are sent, and see their results, in this order.
   */
  readonly interceptors?: readonly ProducerInterceptor[];
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
  readonly interceptors: readonly ProducerInterceptor[];
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
  interceptors: [] as readonly ProducerInterceptor[],
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

const size = optional(numberFrom(1));

/** The rules of `SendingOptions`. */
export const sendingRules: Rules = {
  ...connectionRules,
  queueRecordsMax: size,
  bufferBytesMax: size,
  recordBytesMax: size,
  requestBytesMax: size,
  requestRecordsMax: size,
  deliveryTimeoutMs: optional(numberFrom(1)),
  unknownTopicTimeoutMs: optional(span),
  closeTimeoutMs: optional(span),
  partitioner: optional(
    objectOf(
      { partition: functionOf('a function'), onBatchSealed: optional(functionOf('a function')) },
      'a partitioner, such as roundRobinPartitioner()',
    ),
  ),
  compression: optional(oneOfTexts(compressionCodecs)),
  interceptors: optional(
    listOf(
      objectOf(
        {
          onSend: optional(functionOf('a function')),
          onAcknowledgement: optional(functionOf('a function')),
        },
        'an object with onSend or onAcknowledgement',
      ),
      'interceptors',
    ),
  ),
};

const producerRules: Rules = {
  ...sendingRules,
  acks: optional(must((value) => value === 0 || value === 1 || value === 'all', "0, 1 or 'all'")),
  idempotence: optional(truth),
  maxInFlight: optional(wholeNumber(1, inFlightMax)),
  retries: optional(numberFrom(0)),
  lingerMs: optional(span),
  batchBytesMax: size,
  maxBlockMs: optional(span),
};

/** Throws `settings_refused` for settings that are invalid or contradict each other. */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  refuseOptions(options, producerRules);
  const settings = {
    ...sendingDefaults,
    ...producerDefaults,
    partitioner: stickyPartitioner(),
    ...connectionSettings(options),
  } as ProducerSettings;
  const { acks, idempotence = acks === 'all' } = settings;
  if (idempotence && acks !== 'all')
    throw new ClientError(
      'settings_refused',
      `idempotence needs the acknowledgement of all replicas, but acks is ${acks}: ` +
        "set acks to 'all', or idempotence to false",
    );
  return Object.freeze({ ...settings, idempotence });
}
