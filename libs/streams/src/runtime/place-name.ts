import type { TopicPartition } from '@millrace/streaming-core/client';

/** The key of a partition in a map. */
export const placeName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
