import { offsetsTopicName } from '../../coordinators/groups/offsets-topic.ts';
import { writeTxnMarkers, type WriteTxnMarkersRequest } from '../../protocol/apis/write-txn-markers.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { errorCodeOf, serve } from '../served-api.ts';

type Marker = WriteTxnMarkersRequest['markers'][number];

const newEpochVersion = 2;

/**
 * WriteTxnMarkers: lets an administrator end a transaction on one partition that its coordinator
 * does not know (`kafka-transactions abort`).
 */
export const writeTxnMarkersHandler = (services: BrokerServices) =>
  serve(writeTxnMarkers, async ({ markers }) => ({
    markers: await Promise.all(
      markers.map(async (marker) => ({
        producerId: marker.producerId,
        topics: await Promise.all(
          marker.topics.map(async ({ name, partitionIndexes }) => ({
            name,
            partitions: await Promise.all(
              partitionIndexes.map(async (partitionIndex) => ({
                partitionIndex,
                errorCode: await write(marker, { topic: name, partition: partitionIndex }, services),
              })),
            ),
          })),
        ),
      })),
    ),
  }));

async function write(
  { producerId, producerEpoch, coordinatorEpoch, transactionResult: committed, transactionVersion }: Marker,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { logs, groups, logger }: BrokerServices,
): Promise<ErrorCode> {
  const log = logs.partition(topic, partition);
  if (log === undefined) return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  if (producerId < 0n || producerEpoch < 0) return errorCodes.UNKNOWN_SERVER_ERROR;
  const endsNothingNew =
    transactionVersion >= newEpochVersion && log.hasOpenTransaction(producerId, producerEpoch);
  if (endsNothingNew) return errorCodes.INVALID_PRODUCER_EPOCH;
  try {
    const marker = { producerId, producerEpoch, coordinatorEpoch, committed };
    await (topic === offsetsTopicName
      ? groups.endTransaction(partition, marker)
      : log.appendMarker(marker).durable);
    return errorCodes.NONE;
  } catch (error) {
    if (!(error instanceof ProtocolError))
      logger.error({ err: error, topic, partition }, 'a transaction marker could not be written');
    return errorCodeOf(error);
  }
}
