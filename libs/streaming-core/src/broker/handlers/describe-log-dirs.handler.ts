import { statfs } from 'node:fs/promises';
import type { LogManager } from '../../log/log-manager-port.ts';
import {
  describeLogDirs,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from '../../protocol/apis/describe-log-dirs.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';

type TopicsAsked = DescribeLogDirsRequest['topics'];
type Directory = DescribeLogDirsResponse['results'][number];

/**
 * DescribeLogDirs: returns the one data folder with the sizes of its logs and of its volume.
 * Unknown partitions are left out.
 */
export const describeLogDirsHandler = ({ logs, logger }: BrokerServices) =>
  serve(describeLogDirs, async ({ topics }) => {
    const directory = { errorCode: errorCodes.NONE, logDir: logs.dataFolder, topics: sizes(logs, topics) };
    try {
      return { results: [{ ...directory, ...(await volume(logs.dataFolder)) }] };
    } catch (error) {
      logger.error({ err: error, folder: logs.dataFolder }, errorMessageOf(error));
      return { results: [{ ...directory, errorCode: errorCodeOf(error), topics: [] }] };
    }
  });

async function volume(folder: string): Promise<Pick<Directory, 'totalBytes' | 'usableBytes'>> {
  const { blocks, bavail, bsize } = await statfs(folder, { bigint: true });
  return { totalBytes: blocks * bsize, usableBytes: bavail * bsize };
}

function sizes(logs: LogManager, asked: TopicsAsked): Directory['topics'] {
  const wanted =
    asked ??
    logs.topics().map(({ name, partitions }) => ({ topic: name, partitions: [...Array(partitions).keys()] }));
  return wanted
    .map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.flatMap((partition) => size(logs, topic, partition)),
    }))
    .filter(({ partitions }) => partitions.length > 0);
}

function size(
  logs: LogManager,
  topic: string,
  partitionIndex: number,
): Directory['topics'][number]['partitions'] {
  const log = logs.partition(topic, partitionIndex);
  return log === undefined
    ? []
    : [{ partitionIndex, partitionSize: BigInt(log.sizeBytes), offsetLag: 0n, isFutureKey: false }];
}
