import type { TopicPartition } from '@millrace/streaming-core/client';

/** The name of a partition, used as a key in maps. */
export const placeName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
