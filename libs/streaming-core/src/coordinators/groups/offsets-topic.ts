import type { GroupPartition } from './group-requests.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import { CoordinatorTopic } from '../coordinator-topic.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { GroupSettings } from './group-settings.ts';
import type { RecordToEncode } from '../../records/record-batch-encoder.ts';
import {
  array,
  bytes,
  int32,
  int64,
  string,
  struct,
  type Given,
  type Infer,
  type Struct,
} from '../../protocol/schema.ts';
import type { Fields } from '../../protocol/codec.ts';
import { WireReader } from '../../protocol/wire-reader.ts';
import { WireWriter } from '../../protocol/wire-writer.ts';
import type { GroupSnapshot } from './member.ts';

/*
 * Records of `__consumer_offsets`, in the format of Apache Kafka (`OffsetCommitKey`,
 * `OffsetCommitValue`, `GroupMetadataKey` and `GroupMetadataValue`). Key and value each begin with
 * an int16 version, and a null value is a tombstone. An offset has key version 1 (version 0 has the
 * same fields), a group has key version 2.
 */
const offsetKeyVersion = 1;
const groupKeyVersion = 2;
const valueVersion = 3;
/**
 * The only version with an expiry time, which clients set in OffsetCommit v2 to v4. It has no
 * leader epoch.
 */
const expiringValueVersion = 1;
const groupValueVersion = 3;

const offsetKey = struct(
  'OffsetCommitKey',
  { versions: '0-1', flexible: 'none' },
  { group: string(), topic: string(), partition: int32() },
);

const notTold = -1n;

const offsetValue = struct(
  'OffsetCommitValue',
  { versions: '1-3', flexible: 'none' },
  {
    offset: int64(),
    leaderEpoch: int32({ versions: '3+', absent: -1 }),
    metadata: string(),
    commitTimestamp: int64(),
    expireTimestamp: int64({ versions: '1', absent: notTold }),
  },
);

const groupKey = struct('GroupMetadataKey', { versions: '2', flexible: 'none' }, { group: string() });

const groupValue = struct(
  'GroupMetadataValue',
  { versions: '3', flexible: 'none' },
  {
    protocolType: string(),
    generation: int32(),
    protocol: string({ nullable: '0+' }),
    leader: string({ nullable: '0+' }),
    currentStateTimestamp: int64(),
    members: array({
      memberId: string(),
      groupInstanceId: string({ nullable: '3+' }),
      clientId: string(),
      clientHost: string(),
      rebalanceTimeout: int32(),
      sessionTimeout: int32(),
      subscription: bytes(),
      assignment: bytes(),
    }),
  },
);

export interface StoredOffset {
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Unix milliseconds. */
  readonly committedAtMs: bigint;
  /** Unix milliseconds. Undefined unless the client set a retention time. */
  readonly expiresAtMs: bigint | undefined;
}

export interface OffsetPlace extends GroupPartition {
  readonly groupId: string;
}

/** A decoded record. `undefined` means a tombstone. */
export type OffsetsTopicRecord =
  | { readonly kind: 'offset'; readonly place: OffsetPlace; readonly committed: StoredOffset | undefined }
  | { readonly kind: 'group'; readonly groupId: string; readonly snapshot: GroupSnapshot | undefined };

export function offsetRecord(
  { groupId, topic, partition }: OffsetPlace,
  committed: StoredOffset | undefined,
): Required<KeyedRecord> {
  const key = versioned(offsetKey, offsetKeyVersion, { group: groupId, topic, partition });
  if (committed === undefined) return { key, value: null };
  const { offset, leaderEpoch, metadata, committedAtMs: commitTimestamp, expiresAtMs } = committed;
  const value = { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp: expiresAtMs ?? notTold };
  return {
    key,
    value: versioned(offsetValue, expiresAtMs === undefined ? valueVersion : expiringValueVersion, value),
  };
}

export function groupRecord(groupId: string, snapshot: GroupSnapshot | undefined): Required<KeyedRecord> {
  const key = versioned(groupKey, groupKeyVersion, { group: groupId });
  return {
    key,
    value: snapshot === undefined ? null : versioned(groupValue, groupValueVersion, groupFields(snapshot)),
  };
}

/**
 * Returns undefined for a kind of key that this coordinator does not write. Throws when the bytes
 * do not match their version.
 */
export function readRecord(key: Buffer, value: Buffer | null): OffsetsTopicRecord | undefined {
  const version = key.readInt16BE(0);
  if (version === groupKeyVersion) {
    const { group } = decoded(groupKey, key);
    return {
      kind: 'group',
      groupId: group,
      snapshot: value === null ? undefined : snapshotOf(group, decoded(groupValue, value)),
    };
  }
  if (version !== offsetKeyVersion && version !== 0) return undefined;
  const { group, topic, partition } = decoded(offsetKey, key);
  return {
    kind: 'offset',
    place: { groupId: group, topic, partition },
    committed: value === null ? undefined : storedOffset(value),
  };
}

type KeyedRecord = Pick<RecordToEncode, 'key' | 'value'>;

function storedOffset(value: Buffer): StoredOffset {
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp } = decoded(offsetValue, value);
  return {
    offset,
    leaderEpoch,
    metadata,
    committedAtMs: commitTimestamp,
    expiresAtMs: expireTimestamp === notTold ? undefined : expireTimestamp,
  };
}

function groupFields(snapshot: GroupSnapshot): Given<typeof groupValue> {
  return {
    protocolType: snapshot.protocolType,
    generation: snapshot.generationId,
    protocol: snapshot.protocolName,
    leader: snapshot.leaderId,
    currentStateTimestamp: BigInt(snapshot.changedAtMs),
    members: snapshot.members.map(({ rebalanceTimeoutMs, sessionTimeoutMs, ...member }) => ({
      ...member,
      rebalanceTimeout: rebalanceTimeoutMs,
      sessionTimeout: sessionTimeoutMs,
    })),
  };
}

function snapshotOf(groupId: string, value: Infer<typeof groupValue>): GroupSnapshot {
  return {
    groupId,
    protocolType: value.protocolType,
    generationId: value.generation,
    protocolName: value.protocol,
    leaderId: value.leader,
    changedAtMs: Number(value.currentStateTimestamp),
    members: value.members.map(({ rebalanceTimeout, sessionTimeout, ...member }) => ({
      ...member,
      rebalanceTimeoutMs: rebalanceTimeout,
      sessionTimeoutMs: sessionTimeout,
    })),
  };
}

function versioned<F extends Fields>(layout: Struct<F>, version: number, fields: Given<Struct<F>>): Buffer {
  const writer = new WireWriter();
  writer.int16(version);
  layout.codec(version).write(writer, fields);
  return writer.toBuffer();
}

function decoded<F extends Fields>(layout: Struct<F>, data: Buffer): Infer<Struct<F>> {
  const reader = new WireReader(data);
  return layout.codec(reader.int16()).read(reader);
}

export const offsetsTopicName = '__consumer_offsets';

interface OffsetsTopicPorts {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: GroupSettings;
}

/** `__consumer_offsets`, in which the id of a group says its partition. */
export const offsetsTopic = ({ settings, ...ports }: OffsetsTopicPorts): CoordinatorTopic =>
  new CoordinatorTopic({
    ...ports,
    name: offsetsTopicName,
    partitions: settings.offsetsTopicPartitions,
    loadBytesMax: settings.loadBytesMax,
    configs: new Map([
      ['cleanup.policy', 'compact'],
      ['compression.type', 'producer'],
      ['segment.bytes', String(settings.offsetsTopicSegmentBytes)],
      ['max.message.bytes', String(settings.groupRecordBytesMax)],
    ]),
  });
