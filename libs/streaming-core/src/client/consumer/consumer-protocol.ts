import { array, arrayOf, bytes, int32, string, struct } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';
import { WireWriter } from '../../protocol/wire-writer.ts';
import type { TopicPartition } from '../types.ts';

/*
 * What the members of a classic group send each other through the coordinator, which does not read
 * it: an int16 version, then the fields of that version
 * (https://kafka.apache.org/protocol, ConsumerProtocolSubscription and -Assignment).
 */

const topicPartitions = { topic: string(), partitions: arrayOf(int32()) };

/** v1 partitions that the member has (KIP-429), v2 generation (KIP-792), v3 rack (KIP-881). */
const subscription = struct(
  'ConsumerProtocolSubscription',
  { versions: '0-3', flexible: 'none' },
  {
    topics: arrayOf(string()),
    userData: bytes({ nullable: '0+', absent: null }),
    ownedPartitions: array(topicPartitions, { versions: '1+', absent: [] }),
    generationId: int32({ versions: '2+', absent: -1 }),
    rackId: string({ versions: '3+', nullable: '3+', absent: null }),
  },
);

const assignment = struct(
  'ConsumerProtocolAssignment',
  { versions: '0-3', flexible: 'none' },
  {
    assignedPartitions: array(topicPartitions),
    userData: bytes({ nullable: '0+', absent: null }),
  },
);

const writtenVersion = 1;
const versionMax = 3;

export function encodeSubscription(topics: readonly string[]): Buffer {
  const writer = versioned();
  subscription.codec(writtenVersion).write(writer, { topics });
  return writer.toBuffer();
}

/** Reads the topics that a member wants. A newer version begins like the newest that is known. */
export function subscribedTopics(metadata: Buffer): readonly string[] {
  const reader = new WireReader(metadata);
  return subscription.codec(Math.min(reader.int16(), versionMax)).read(reader).topics;
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = versioned();
  assignment.codec(writtenVersion).write(writer, {
    assignedPartitions: [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, places]) => ({
      topic,
      partitions: places.map(({ partition }) => partition),
    })),
  });
  return writer.toBuffer();
}

/** A member that gets no partitions may get no bytes at all. */
export function assignedPartitions(bytesOfAssignment: Buffer): readonly TopicPartition[] {
  if (bytesOfAssignment.length === 0) return [];
  const reader = new WireReader(bytesOfAssignment);
  const { assignedPartitions: topics } = assignment.codec(Math.min(reader.int16(), versionMax)).read(reader);
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

function versioned(): WireWriter {
  const writer = new WireWriter();
  writer.int16(writtenVersion);
  return writer;
}
