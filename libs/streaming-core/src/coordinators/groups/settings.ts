import { days, minutes, seconds, type DurationMs } from '../../runtime/duration.ts';

/** Limits and waits of the group coordinator; the Kafka broker setting of the same meaning is named beside each. */
export interface GroupSettings {
  /** `group.initial.rebalance.delay.ms`: an embedded broker has few members, so nobody waits. */
  readonly initialRebalanceDelayMs: DurationMs;
  /** `group.min.session.timeout.ms` */
  readonly sessionTimeoutMsMin: DurationMs;
  /** `group.max.session.timeout.ms` */
  readonly sessionTimeoutMsMax: DurationMs;
  /** A member that has joined for the first time and gets no answer within this span is dropped. */
  readonly newMemberJoinTimeoutMs: DurationMs;
  /** `group.max.size`; ids handed out and not yet used count apart, up to the same number. */
  readonly groupMembersMax: number;
  /** Groups known at once, empty ones with offsets included. */
  readonly groupsMax: number;
  /** Members of all groups, with the ids that were handed out: about 1,000 bytes each, and what their protocols and assignments take. */
  readonly memberBytesMax: number;
  /** All protocols of one member's JoinGroup together, as they are held. */
  readonly memberMetadataBytesMax: number;
  /** `offset.metadata.max.bytes`, which Kafka counts in UTF-16 units. */
  readonly offsetMetadataCharsMax: number;
  /** Offsets of all groups in memory, those of open transactions included: about 600 bytes each without metadata. */
  readonly offsetBytesMax: number;
  /** `offsets.topic.num.partitions`, used when the topic is created. */
  readonly offsetsTopicPartitions: number;
  /** `offsets.topic.segment.bytes`: what of that topic is not compacted yet. */
  readonly offsetsTopicSegmentBytes: number;
  /** `max.message.bytes` of that topic: a group's record holds every member's subscription and assignment. */
  readonly groupRecordBytesMax: number;
  /** Keys and values of one batch of offsets. */
  readonly offsetBatchBytesMax: number;
  /** Bytes read at once while reloading. */
  readonly loadBytesMax: number;
  /** `offsets.retention.minutes`: how long a group without members is kept, and a simple group's offset after its commit. */
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
