import type { CompressionCodec } from '../../records/record-batch.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import {
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';
import { stickyPartitioner, type Partitioner } from './partitioners.ts';
import type { ProducerInterceptor } from './producer-interceptors.ts';
import type { PipelineSettings } from './partition-pipeline.ts';
import { acksCodes, type Acks } from './produce-request.ts';
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
  /** See and change records before they are sent, and see their results. Called in this order. */
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

/** Throws `settings_refused` for settings that contradict each other or are out of range. */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  const settings = {
    ...sendingDefaults,
    ...producerDefaults,
    partitioner: stickyPartitioner(),
    ...connectionSettings(options),
  } as ProducerSettings;
  const { acks, idempotence = acks === 'all', maxInFlight } = settings;
  if (!Object.hasOwn(acksCodes, acks)) throw refused(`acks is ${String(acks)}, but must be 0, 1 or 'all'`);
  if (idempotence && acks !== 'all')
    throw refused(
      `idempotence needs the acknowledgement of all replicas, but acks is ${acks}: ` +
        "set acks to 'all', or idempotence to false",
    );
  if (!Number.isInteger(maxInFlight) || maxInFlight < 1 || maxInFlight > inFlightMax)
    throw refused(
      `maxInFlight is ${maxInFlight}, but must be from 1 to ${inFlightMax}: ` +
        `a broker recognizes the last ${inFlightMax} batches of a producer`,
    );
  for (const name of ['lingerMs', 'maxBlockMs', 'retries'] as const)
    if (!(settings[name] >= 0)) throw refused(`${name} is ${settings[name]}, but must be at least 0`);
  for (const name of ['batchBytesMax', 'bufferBytesMax', 'deliveryTimeoutMs'] as const)
    if (!(settings[name] >= 1)) throw refused(`${name} is ${settings[name]}, but must be at least 1`);
  return Object.freeze({ ...settings, idempotence });
}

const refused = (why: string) => new ClientError('settings_refused', why);
