import { durableAtOnce } from '../../log/disk/group-commit.ts';
import { leadingBatch, currentMagic, type RecordBatch } from '../../records/record-batch.ts';
import { InvalidRecords, onlyBatch, type AppendOptions } from '../../log/batches/produced-batch.ts';
import type { AppendResult, PartitionLog } from '../../log/partition-log-port.ts';
import type { TopicDescription } from '../../log/topics/topic-catalog.ts';
import { produce, type ProduceRequest, type ProduceResponse } from '../../protocol/apis/produce.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { errorCodeOf, errorMessageOf, serve, type RequestContext, type Unanswered } from '../served-api.ts';
import { topicNameOf } from '../items-of-request.ts';
import { transactionalProducer } from '../transactional-appends.ts';

type TopicToAppend = ProduceRequest['topicData'][number];
type PartitionToAppend = TopicToAppend['partitionData'][number];
type PartitionResult = ProduceResponse['responses'][number]['partitionResponses'][number];

const acksNone = 0;
const acksAll = -1;
const zstdSince = 7;
const topicIdsSince = 13;
const replicasNeeded = 'min.insync.replicas';
const transactionalVersions = { abortableSince: 11, addsSince: 12 };

/**
 * Produce. Appends the bytes before the first await, so that the batches of one connection stay in
 * order. acks=1 is answered once they are written, acks=all once a completed fsync covers them, and
 * acks=0 never. Each partition succeeds or fails independently.
 */
export const produceHandler = (services: BrokerServices) =>
  serve(
    produce,
    (request, context) => {
      const seen: SeenBatches = new Map();
      const refused = refusalOfAll(request, seen);
      let waits = false;
      const appended = request.topicData.map((topic) => ({
        topic: { name: topic.name, topicId: topic.topicId },
        partitions: topic.partitionData.map((partition) => {
          const result = append({ request, topic, partition, seen, refused }, context, services);
          waits ||= result instanceof Promise;
          return result;
        }),
      }));
      return waits
        ? finished(appended).then((results) => answer(results, request))
        : answer(appended as readonly TopicResults[], request);
    },
    { pipelined: true, frameEndsWithAnswer: true },
  );

interface TopicResults {
  readonly topic: Pick<TopicToAppend, 'name' | 'topicId'>;
  readonly partitions: readonly PartitionResult[];
}

interface TopicAppends extends Pick<TopicResults, 'topic'> {
  readonly partitions: ReadonlyArray<PartitionResult | Promise<PartitionResult>>;
}

const finished = (appended: readonly TopicAppends[]): Promise<readonly TopicResults[]> =>
  Promise.all(
    appended.map(async ({ topic, partitions }) => ({ topic, partitions: await Promise.all(partitions) })),
  );

function answer(results: readonly TopicResults[], { acks }: ProduceRequest): ProduceResponse | Unanswered {
  const named = results.filter(({ partitions }) => partitions.length > 0);
  if (acks !== acksNone)
    return {
      responses: named.map(({ topic, partitions }) => ({ ...topic, partitionResponses: partitions })),
    };
  const failed = results.some(({ partitions }) =>
    partitions.some(({ errorCode }) => errorCode !== errorCodes.NONE),
  );
  return failed ? 'close-connection' : 'no-answer';
}

/** Maps the bytes of a partition to their first batch, so that each is parsed once. */
type SeenBatches = Map<Buffer, RecordBatch | undefined>;

interface Target {
  readonly request: ProduceRequest;
  readonly topic: TopicToAppend;
  readonly partition: PartitionToAppend;
  readonly seen: SeenBatches;
  readonly refused: ProtocolError | undefined;
}

/**
 * Rejects the whole request if it has malformed batches, or a transactional batch without a
 * transactional id. Looks no further than the first transactional batch.
 */
function refusalOfAll(
  { transactionalId, topicData }: ProduceRequest,
  seen: SeenBatches,
): ProtocolError | undefined {
  try {
    for (const { partitionData } of topicData)
      for (const { records } of partitionData) {
        if (records === null) continue;
        const batch = leadingBatch(records);
        seen.set(records, batch);
        if (batch === undefined || batch.magic !== currentMagic || !batch.isTransactional) continue;
        return transactionalId === null ? unnamedTransaction() : undefined;
      }
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  return undefined;
}

const unnamedTransaction = () =>
  new ProtocolError(
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'a batch is part of a transaction, but the request has no transactional id',
  );

/**
 * Synchronous up to the write, unless the partition has to be added to the transaction first.
 * Returns a promise only if there is something to wait for.
 */
function append(
  target: Target,
  context: RequestContext,
  services: BrokerServices,
): PartitionResult | Promise<PartitionResult> {
  const { index } = target.partition;
  let log: PartitionLog | undefined;
  const refused = (error: unknown): PartitionResult => {
    if (!(error instanceof ProtocolError))
      services.logger.error(
        { err: error, topic: target.topic.name, topicId: target.topic.topicId, partition: index },
        'append failed',
      );
    return refusal(index, log, error);
  };
  try {
    if (target.refused !== undefined) throw target.refused;
    const { log: found, description } = partitionOf(target, context, services);
    const batch = checkedBatch(target, context);
    checkWritable({ description, request: target.request }, context, services);
    const admission = admit(target.request, batch, { log: found, apiVersion: context.apiVersion, services });
    const written = (options: AppendOptions) => {
      log = found;
      return write({ target, log, batch, options }, services);
    };
    const result = admission instanceof Promise ? admission.then(written) : written(admission);
    return result instanceof Promise ? result.catch(refused) : result;
  } catch (error) {
    return refused(error);
  }
}

interface Append {
  readonly target: Target;
  readonly log: PartitionLog;
  readonly batch: RecordBatch;
  readonly options: AppendOptions;
}

function write(
  { target, log, batch, options }: Append,
  { traffic }: BrokerServices,
): PartitionResult | Promise<PartitionResult> {
  const result = log.append(batch, options);
  if (!result.duplicate) traffic.produced(log.topic, { records: recordsIn(result), bytes: batch.sizeBytes });
  const done = (): PartitionResult => ({
    index: target.partition.index,
    errorCode: errorCodes.NONE,
    baseOffset: result.baseOffset,
    logAppendTimeMs: result.duplicate ? timeOf(batch, result) : result.logAppendTimeMs,
    logStartOffset: log.logStartOffset,
  });
  if (result.durable === durableAtOnce) return done();
  if (target.request.acks === acksAll) return result.durable.then(done);
  // The log itself reports a failed fsync, and this request does not wait for it.
  result.durable.catch(() => undefined);
  return done();
}

interface Admission {
  readonly log: PartitionLog;
  readonly apiVersion: number;
  readonly services: BrokerServices;
}

/**
 * Checks that a transactional batch belongs to its transaction. Returns a promise only if this adds
 * the partition.
 */
function admit(
  { transactionalId }: ProduceRequest,
  batch: RecordBatch,
  { log, apiVersion, services }: Admission,
): AppendOptions | Promise<AppendOptions> {
  const producer = transactionalProducer(batch);
  if (producer === undefined || transactionalId === null || producer.producerId < 0n) return {};
  const { topic, partition: index } = log;
  return services.transactionalAppends.admit(
    { ...producer, transactionalId, topic, partition: index, apiVersion, versions: transactionalVersions },
    log,
  );
}

const recordsIn = ({ baseOffset, lastOffset }: AppendResult): number => Number(lastOffset - baseOffset) + 1;

/**
 * A repeated batch is answered with the timestamp of its records even if the topic has CreateTime,
 * as in Apache Kafka.
 */
const timeOf = (batch: RecordBatch, { logAppendTimeMs }: AppendResult): bigint =>
  logAppendTimeMs >= 0n ? logAppendTimeMs : batch.maxTimestamp;

function partitionOf({ topic, partition }: Target, { apiVersion }: RequestContext, { logs }: BrokerServices) {
  const name = topicNameOf(topic, { byId: apiVersion >= topicIdsSince, logs });
  if (name === undefined)
    throw new ProtocolError('UNKNOWN_TOPIC_ID', `there is no topic with id ${topic.topicId}`);
  const description = logs.topic(name);
  const log = logs.partition(name, partition.index);
  if (description === undefined || log === undefined)
    throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}-${partition.index}`);
  return { log, description };
}

/** Checks in the order of Apache Kafka, after the format of the batch. */
function checkWritable(
  {
    description,
    request: { acks },
  }: { readonly description: TopicDescription; readonly request: ProduceRequest },
  { clientId }: RequestContext,
  { configs: brokerConfigs }: BrokerServices,
): void {
  const { name, internal, configs } = description;
  if (![acksAll, acksNone, 1].includes(acks))
    throw new ProtocolError('INVALID_REQUIRED_ACKS', `acks=${acks} is invalid: give -1 (all), 0 or 1`);
  if (internal && clientId !== '__admin_client')
    throw new ProtocolError('INVALID_TOPIC_EXCEPTION', `${name} can only be written by the broker`);
  const needed = Number(
    configs.get(replicasNeeded) ?? brokerConfigs.current.topicDefaults.get(replicasNeeded) ?? 1,
  );
  if (acks === acksAll && needed > 1)
    throw new ProtocolError(
      'NOT_ENOUGH_REPLICAS',
      `min.insync.replicas of ${name} exceeds 1, and this broker is a single node`,
    );
}

function checkedBatch({ partition: { records }, seen }: Target, { apiVersion }: RequestContext): RecordBatch {
  if (records === null || records.length === 0)
    throw new ProtocolError('INVALID_RECORD', 'exactly one record batch is required per partition');
  const batch = onlyBatch(records, seen.get(records));
  if (batch.codec === 'zstd' && apiVersion < zstdSince)
    throw new ProtocolError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `zstd requires Produce version ${zstdSince} or newer`,
    );
  return batch;
}

/**
 * Apache Kafka returns these errors without the log start offset, and all other errors of the log
 * with it.
 */
const refusedAsTheyCame: ReadonlySet<ErrorCode> = new Set([
  errorCodes.CORRUPT_MESSAGE,
  errorCodes.MESSAGE_TOO_LARGE,
  errorCodes.RECORD_LIST_TOO_LARGE,
  errorCodes.KAFKA_STORAGE_ERROR,
]);

const recordErrorsOf = (error: unknown): PartitionResult['recordErrors'] =>
  error instanceof InvalidRecords
    ? error.records.map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: error.message }))
    : [];

/** `log` is undefined if the batch was rejected before its log was looked up. */
function refusal(index: number, log: PartitionLog | undefined, error: unknown): PartitionResult {
  const errorCode = errorCodeOf(error);
  const logStartOffset = log === undefined || refusedAsTheyCame.has(errorCode) ? -1n : log.logStartOffset;
  return {
    index,
    errorCode,
    baseOffset: -1n,
    logStartOffset,
    recordErrors: recordErrorsOf(error),
    errorMessage: errorMessageOf(error),
  };
}
