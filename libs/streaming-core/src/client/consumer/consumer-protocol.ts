import { array, arrayOf, bytes, int32, string, struct } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';
import { WireWriter } from '../../protocol/wire-writer.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { MemberAssignment } from './assignor.ts';

/*
 * Members of a classic group send each other these messages through the coordinator, which does not
 * read them. A message has an int16 version and then the fields of that version
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

const versionMax = 3;
const assignmentVersion = 1;

/** The data that a member sends to the leader of its group when it joins. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly userData?: Buffer | null;
  readonly ownedPartitions?: readonly TopicPartition[];
  readonly generationId?: number;
  readonly rackId?: string;
}

/** Writes the oldest version that has every field of the subscription. */
export function encodeSubscription({
  topics,
  userData = null,
  ownedPartitions = [],
  generationId,
  rackId,
}: Subscription): Buffer {
  const withGeneration = generationId === undefined ? 1 : 2;
  const version = rackId === undefined ? withGeneration : 3;
  const writer = startingWith(version);
  subscription
    .codec(version)
    .write(writer, { topics, userData, ownedPartitions: byTopic(ownedPartitions), generationId, rackId });
  return writer.toBuffer();
}

/** A newer version begins like the newest that is known. */
export function decodeSubscription(metadata: Buffer): Subscription {
  const reader = new WireReader(metadata);
  const read = subscription.codec(Math.min(reader.int16(), versionMax)).read(reader);
  return {
    topics: read.topics,
    userData: read.userData,
    ownedPartitions: flat(read.ownedPartitions),
    generationId: read.generationId,
    rackId: read.rackId ?? undefined,
  };
}

export function encodeAssignment({ partitions, userData = null }: MemberAssignment): Buffer {
  const writer = startingWith(assignmentVersion);
  assignment.codec(assignmentVersion).write(writer, { assignedPartitions: byTopic(partitions), userData });
  return writer.toBuffer();
}

/** A member that gets no partitions may get no bytes at all. */
export function decodeAssignment(assigned: Buffer): MemberAssignment {
  if (assigned.length === 0) return { partitions: [], userData: null };
  const reader = new WireReader(assigned);
  const read = assignment.codec(Math.min(reader.int16(), versionMax)).read(reader);
  return { partitions: flat(read.assignedPartitions), userData: read.userData };
}

const byTopic = (places: readonly TopicPartition[]) =>
  [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition }) => partition),
  }));

const flat = (
  topics: ReadonlyArray<{ readonly topic: string; readonly partitions: readonly number[] }>,
): readonly TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

function startingWith(version: number): WireWriter {
  const writer = new WireWriter();
  writer.int16(version);
  return writer;
}
