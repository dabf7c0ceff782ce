import {
  offsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from '../../protocol/apis/offset-for-leader-epoch.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { checkLeaderEpoch } from '../leader-epoch.ts';
import { errorCodeOf, serve } from '../served-api.ts';

type PartitionToAsk = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number];
type PartitionResult = OffsetForLeaderEpochResponse['topics'][number]['partitions'][number];

/**
 * OffsetForLeaderEpoch: returns where a leader epoch ends, for clients that check their position
 * after a change of leader (KIP-320).
 */
export const offsetForLeaderEpochHandler = (services: BrokerServices) =>
  serve(offsetForLeaderEpoch, ({ topics }) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => endOf(topic, asked, services)),
    })),
  }));

function endOf(topic: string, asked: PartitionToAsk, { logs, logger }: BrokerServices): PartitionResult {
  const { partition } = asked;
  try {
    const log = logs.partition(topic, partition);
    if (log === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic}-${partition}`);
    checkLeaderEpoch(log, asked.currentLeaderEpoch);
    return { partition, errorCode: errorCodes.NONE, ...log.endOffsetForEpoch(asked.leaderEpoch) };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      logger.error({ err: error, topic, partition }, 'the end of a leader epoch could not be determined');
    return { partition, errorCode: errorCodeOf(error) };
  }
}
