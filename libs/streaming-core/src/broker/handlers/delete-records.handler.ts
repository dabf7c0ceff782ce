import {
  deleteRecords,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
} from '../../protocol/apis/delete-records.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { listedOnce } from '../listed-once.ts';
import { errorCodeOf, serve } from '../served-api.ts';

type PartitionToCut = DeleteRecordsRequest['topics'][number]['partitions'][number];
type PartitionResult = DeleteRecordsResponse['topics'][number]['partitions'][number];

/**
 * DeleteRecords. The new log start offset is durable when it answers. Each partition succeeds or
 * fails independently.
 */
export const deleteRecordsHandler = (services: BrokerServices) =>
  serve(deleteRecords, async ({ topics }) => ({
    topics: await Promise.all(
      listedOnce(topics).map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map((partition) => cut(name, partition, services))),
      })),
    ),
  }));

async function cut(
  topic: string,
  asked: PartitionToCut,
  { logs, logger }: BrokerServices,
): Promise<PartitionResult> {
  const { partitionIndex } = asked;
  try {
    if (logs.topic(topic)?.internal === true)
      throw new ProtocolError('INVALID_TOPIC_EXCEPTION', `${topic} is managed by the broker itself`);
    const log = logs.partition(topic, partitionIndex);
    if (log === undefined)
      throw new ProtocolError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `there is no partition ${topic}-${partitionIndex}`,
      );
    return {
      partitionIndex,
      lowWatermark: await log.deleteRecordsBefore(asked.offset),
      errorCode: errorCodes.NONE,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      logger.error({ err: error, topic, partition: partitionIndex }, 'records could not be deleted');
    return { partitionIndex, lowWatermark: -1n, errorCode: errorCodeOf(error) };
  }
}
