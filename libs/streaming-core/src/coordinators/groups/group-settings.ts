import { days, minutes, seconds, type DurationMs } from '../../runtime/clock.ts';

/**
 * Limits and timeouts of the group coordinator, with the Kafka broker configs of the same meaning.
 */
export interface GroupSettings {
  /**
   * `group.initial.rebalance.delay.ms`. The default is 0, since an embedded broker has few members.
   */
  readonly initialRebalanceDelayMs: DurationMs;
  /** `group.min.session.timeout.ms` */
  readonly sessionTimeoutMsMin: DurationMs;
  /** `group.max.session.timeout.ms` */
  readonly sessionTimeoutMsMax: DurationMs;
  /** Limits how long a new member waits for its first answer before it is dropped. */
  readonly newMemberJoinTimeoutMs: DurationMs;
  /** `group.max.size`. Pending member ids are counted separately, up to the same number. */
  readonly groupMembersMax: number;
  /** Limits the number of groups, including empty ones with offsets. */
  readonly groupsMax: number;
  /**
   * Limits the memory of the members of all groups and of pending member ids: about 1,000 bytes
   * each, plus protocols and assignments.
   */
  readonly memberBytesMax: number;
  /** Limits the protocols in one member's JoinGroup together, as held in memory. */
  readonly memberMetadataBytesMax: number;
  /** `offset.metadata.max.bytes`, which Kafka counts in UTF-16 units. */
  readonly offsetMetadataCharsMax: number;
  /**
   * Limits the memory of all groups' offsets, including those of open transactions: about 600 bytes
   * each without metadata.
   */
  readonly offsetBytesMax: number;
  /** `offsets.topic.num.partitions`. Applies when the topic is created. */
  readonly offsetsTopicPartitions: number;
  /** `offsets.topic.segment.bytes`. The active segment is not compacted. */
  readonly offsetsTopicSegmentBytes: number;
  /**
   * `max.message.bytes` of that topic. A group's record contains every member's subscription and
   * assignment.
   */
  readonly groupRecordBytesMax: number;
  /** Limits the keys and values of one batch of offsets. */
  readonly offsetBatchBytesMax: number;
  /** Bytes of one read while the topic is loaded. */
  readonly loadBytesMax: number;
  /**
   * `offsets.retention.minutes`: how long a group without members is kept, and an offset of a
   * simple group after its commit.
   */
  readonly offsetsRetentionMs: DurationMs;
  /** `offsets.retention.check.interval.ms` */
  readonly retentionCheckIntervalMs: DurationMs;
}

export const defaultGroupSettings: GroupSettings = Object.freeze({
  initialRebalanceDelayMs: 0,
  sessionTimeoutMsMin: seconds(6),
  sessionTimeoutMsMax: minutes(30),
  newMemberJoinTimeoutMs: minutes(5),
  groupMembersMax: 1_000,
  groupsMax: 10_000,
  memberBytesMax: 268_435_456,
  memberMetadataBytesMax: 262_144,
  offsetMetadataCharsMax: 4_096,
  offsetBytesMax: 536_870_912,
  offsetsTopicPartitions: 50,
  offsetsTopicSegmentBytes: 104_857_600,
  groupRecordBytesMax: 16_777_216,
  offsetBatchBytesMax: 524_288,
  loadBytesMax: 1_048_576,
  offsetsRetentionMs: days(7),
  retentionCheckIntervalMs: minutes(10),
});
