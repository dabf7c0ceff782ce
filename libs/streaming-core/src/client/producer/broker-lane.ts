import { produce } from '../../protocol/apis/produce.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { CompressionCodec } from '../../records/record-batch.ts';
import { backoffDelay, isConcurrent, passes, retryDelay } from '../connection/retries.ts';
import { ClientError, isProtocolError, toClientError } from '../errors/client-error.ts';
import { brokerError } from '../connection/accept.ts';
import type { BrokerAddress } from '../connection/broker-address.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import { encodeBatch, stampBatch } from './batch-encoding.ts';
import type { PartitionPipeline, PipelineSettings } from './partition-pipeline.ts';
import {
  acksCodes,
  answerAbout,
  topicDataOf,
  uncertainAnswers,
  type Acks,
  type BatchToSend,
  type PartitionAnswer,
} from './produce-request.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { ProducerSession } from './producer-ids.ts';

export type Pipeline = PartitionPipeline<BrokerConnection>;

export interface LaneSettings extends ConnectionSettings, PipelineSettings {
  readonly acks: Acks;
  readonly compression: CompressionCodec;
  readonly requestBytesMax: number;
}

/** The objects that a lane shares with the lanes of the other brokers. */
export interface LaneContext {
  readonly brokers: BrokerClient;
  readonly session: ProducerSession;
  /** Called when batches may have become due. */
  wake(): void;
}

/**
 * One look at all partitions. Everything in it is decided by the same time: if the leader of a
 * partition became unknown within a look, nobody would ask for it, and nothing would wake the
 * sender.
 */
export interface Look {
  readonly now: number;
  /** Whether batches are sent without waiting for more records. */
  readonly urgent: boolean;
}

interface TakenBatch {
  readonly pipeline: Pipeline;
  readonly batch: ProducerBatch;
}

/**
 * The time of an answer, and a random number for the delay of its batches. With the same delay,
 * they are repeated in one request.
 */
interface Moment {
  readonly now: number;
  readonly random: number;
}

const noOrigin = { producerId: -1n, producerEpoch: -1, baseSequence: -1 };

/** The requests to one broker. They are written in the order in which their batches were taken. */
export class BrokerLane {
  readonly #settings: LaneSettings;
  readonly #context: LaneContext;
  /** Returns the partitions of this broker with a batch that is due at a look, or else now. */
  readonly #due: (look?: Look) => readonly Pipeline[];
  #inFlight = 0;
  /** True while batches wait for a connection or for their compression. */
  #busy = false;
  #connection: BrokerConnection | undefined;

  constructor(settings: LaneSettings, context: LaneContext, due: (look?: Look) => readonly Pipeline[]) {
    this.#settings = settings;
    this.#context = context;
    this.#due = due;
  }

  /** Sends what is due, up to the limit of requests in flight. */
  serve(address: BrokerAddress, look: Look): void {
    while (!this.#busy && this.#inFlight < this.#settings.maxInFlight && this.#due(look).length > 0) {
      const connection = this.#connectionTo(address);
      if (connection === undefined) return void this.#connect(address);
      const taken = this.#take(connection, look);
      if (taken.length === 0) return;
      this.#send(connection, taken);
    }
  }

  #connectionTo({ host, port }: BrokerAddress): BrokerConnection | undefined {
    const known = this.#connection;
    return known?.isOpen && known.address.host === host && known.address.port === port ? known : undefined;
  }

  async #connect(address: BrokerAddress): Promise<void> {
    this.#busy = true;
    try {
      this.#connection = await this.#context.brokers.connectionTo(address);
    } catch (error) {
      const reason = toClientError(error, 'sending records');
      for (const pipeline of this.#due()) {
        this.#context.brokers.topics.outdate(pipeline.topic);
        holdBack(pipeline, reason, this.#settings);
      }
    } finally {
      this.#busy = false;
      this.#context.wake();
    }
  }

  #take(connection: BrokerConnection, look: Look): readonly TakenBatch[] {
    const { requestBytesMax, requestRecordsMax } = this.#settings;
    const taken: TakenBatch[] = [];
    let bytes = 0;
    let records = 0;
    for (const pipeline of this.#due(look)) {
      const { sizeBytes = 0, count = 0 } = pipeline.next ?? {};
      const fits = bytes + sizeBytes <= requestBytesMax && records + count <= requestRecordsMax;
      if (taken.length > 0 && !fits) break;
      const topicId = this.#context.brokers.topics.place(pipeline.topic, look.now)?.id ?? '';
      const batch = pipeline.take(look.now, { connection, topicId }, this.#context.session.identity);
      if (batch === undefined) continue;
      taken.push({ pipeline, batch });
      bytes += batch.sizeBytes;
      records += batch.count;
    }
    return taken;
  }

  /** Sends the batches now, unless they have to be compressed first. */
  #send(connection: BrokerConnection, taken: readonly TakenBatch[]): void {
    const encoding = taken.flatMap((one) => this.#encode(one) ?? []);
    if (encoding.length === 0) return this.#sendEncoded(connection, taken);
    this.#busy = true;
    void Promise.all(encoding).then(() => {
      this.#busy = false;
      this.#sendEncoded(connection, taken);
      this.#context.wake();
    });
  }

  #sendEncoded(connection: BrokerConnection, taken: readonly TakenBatch[]): void {
    const sent = taken.filter(({ batch }) => batch.waits && batch.bytes);
    for (const { pipeline, batch } of taken) if (!batch.waits || !batch.bytes) pipeline.unsent(batch);
    if (sent.length === 0) return this.#context.wake();
    for (const { batch } of sent) {
      stampBatch(batch.bytes!, batch.origin ?? noOrigin);
      batch.sent();
    }
    this.#inFlight += 1;
    void this.#request(connection, sent);
  }

  /** Encodes a batch. Returns a promise if it has to be compressed, which resolves at the end. */
  #encode({ pipeline, batch }: TakenBatch): Promise<void> | undefined {
    if (batch.bytes) return undefined;
    const { compression } = this.#settings;
    const transactional = this.#context.session.transactionalId !== null;
    const failed = (error: unknown) =>
      pipeline.abandon(batch, toClientError(error, `encoding records for ${batch.topic}/${batch.partition}`));
    try {
      const bytes = encodeBatch(batch.records, { transactional, compression });
      if (!Buffer.isBuffer(bytes)) return bytes.then((packed) => void (batch.bytes = packed)).catch(failed);
      batch.bytes = bytes;
    } catch (error) {
      failed(error);
    }
    return undefined;
  }

  async #request(connection: BrokerConnection, sent: readonly TakenBatch[]): Promise<void> {
    const { acks, requestTimeoutMs } = this.#settings;
    const { transactionalId, produceMax } = this.#context.session;
    const version = connection.versions.newest(produce, produceMax);
    const routes = new Map<string, string>();
    for (const { pipeline } of sent) routes.set(pipeline.topic, pipeline.route?.topicId ?? '');
    const batches = sent.map(({ batch }) => batch as BatchToSend);
    const body = {
      transactionalId,
      acks: acksCodes[acks],
      timeoutMs: requestTimeoutMs,
      topicData: topicDataOf(batches, (topic) => routes.get(topic)!, version),
    };
    try {
      if (acks === 0) {
        await connection.requestWithoutAnswer(produce, version, body);
        for (const { pipeline, batch } of sent)
          pipeline.written(batch, -1n, this.#settings.clock.monotonic());
        return freeWritten(sent);
      }
      let hasLeft = false;
      const onLeft = (error?: Error | null) => (hasLeft = !error);
      const answer = await connection.request(produce, version, body, requestTimeoutMs, onLeft);
      const moment = this.#moment();
      for (const one of sent)
        this.#judge(one, answerAbout(one.batch, routes.get(one.batch.topic), answer), moment);
      if (hasLeft) freeWritten(sent);
    } catch (error) {
      const moment = this.#moment();
      for (const one of sent) this.#failed(one, error, true, moment);
    } finally {
      this.#inFlight -= 1;
      this.#context.wake();
    }
  }

  #moment(): Moment {
    return { now: this.#settings.clock.monotonic(), random: this.#settings.random() };
  }

  #judge({ pipeline, batch }: TakenBatch, answer: PartitionAnswer | undefined, moment: Moment): void {
    const where = `writing to ${batch.topic}/${batch.partition}`;
    if (answer === undefined) {
      const reason = `the broker's answer leaves out ${batch.topic}/${batch.partition}`;
      return this.#failed({ pipeline, batch }, new ClientError('broker_error', reason), true, moment);
    }
    const { errorCode, errorMessage, baseOffset } = answer;
    if (errorCode === errorCodes.NONE || errorCode === errorCodes.DUPLICATE_SEQUENCE_NUMBER)
      return pipeline.written(batch, baseOffset, moment.now);
    const error = brokerError(errorCode, errorMessage);
    if (isProtocolError(error, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID'))
      return pipeline.outOfOrder(batch, toClientError(error, where), this.#retryAt(batch, error, moment));
    if (passes(error))
      return this.#failed({ pipeline, batch }, error, uncertainAnswers.has(errorCode), moment);
    const reason = toClientError(error, where);
    const fenced = reason.code === 'fenced';
    pipeline.refused(batch, fenced ? this.#context.session.fenced(pipeline.identity, reason) : reason);
  }

  #failed({ pipeline, batch }: TakenBatch, error: unknown, open: boolean, moment: Moment): void {
    const reason = toClientError(error, 'sending records');
    if (!isConcurrent(error)) this.#context.brokers.topics.outdate(batch.topic);
    pipeline.failed(batch, reason, { open, retryAt: this.#retryAt(batch, error, moment) });
    if (!passes(error)) pipeline.giveUp(batch, reason);
  }

  #retryAt({ failures }: ProducerBatch, error: unknown, { now, random }: Moment): number {
    return now + retryDelay(error, failures, { ...this.#settings, random: () => random });
  }
}

/** Frees the batches that are not repeated. No socket may refer to their bytes any more. */
function freeWritten(sent: readonly TakenBatch[]): void {
  for (const { batch } of sent) if (!batch.waits) batch.free();
}

/**
 * Makes the batches of a partition wait after a temporary failure, or gives them up after others.
 */
export function holdBack(pipeline: Pipeline, reason: ClientError, settings: LaneSettings): void {
  if (passes(reason))
    pipeline.delay(settings.clock.monotonic() + backoffDelay(pipeline.delays, settings), reason);
  else for (const batch of [...pipeline.waiting]) pipeline.giveUp(batch, reason);
}
