import type { Logger } from '../../runtime/index.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { Group } from './group.ts';
import { type GroupPorts, type GroupSnapshot, bytesOfProtocols } from './member.ts';
import type { OffsetStore } from './offset-store.ts';
import type { CoordinatorTopic, StoredBatch } from '../coordinator-topic.ts';
import type { GroupSettings } from './group-settings.ts';
import type { JoinGroupInput, MemberIdentity } from './group-requests.ts';
import type { StoredRecord } from '../../records/records.ts';
import { readRecord, type OffsetsTopicRecord } from './offsets-topic.ts';

const { NONE, INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND, NOT_COORDINATOR } = errorCodes;

interface KnownGroupsOptions {
  readonly topic: CoordinatorTopic;
  readonly offsets: OffsetStore;
  readonly ports: GroupPorts;
  readonly settings: GroupSettings;
  readonly logger: Logger;
}

/**
 * The groups of the coordinator. Decides whether it may serve a request for one of them or create
 * another.
 */
export class KnownGroups {
  readonly byId = new Map<string, Group>();
  readonly #options: KnownGroupsOptions;
  #closed = false;

  constructor(options: KnownGroupsOptions) {
    this.#options = options;
  }

  get(groupId: string): Group | undefined {
    return this.byId.get(groupId);
  }

  getOrAdd(groupId: string): Group {
    const group = this.byId.get(groupId) ?? new Group(groupId, this.#options.ports);
    this.byId.set(groupId, group);
    return group;
  }

  /** Whether the coordinator could read everything that its log says about the group. */
  isReadable(groupId: string): boolean {
    return this.#options.topic.damageOf(groupId) === undefined;
  }

  isAvailable(groupId: string): boolean {
    return !this.#closed && this.isReadable(groupId);
  }

  refuse(groupId: string): ErrorCode {
    if (!this.isAvailable(groupId)) return NOT_COORDINATOR;
    return groupId === '' ? INVALID_GROUP_ID : NONE;
  }

  /**
   * Checks a JoinGroup against the protocol's rules and our limits. A member id is only accepted in
   * a group that exists.
   */
  refuseJoin({ groupId, memberId, sessionTimeoutMs, protocols }: JoinGroupInput): ErrorCode {
    const refusal = this.refuse(groupId);
    if (refusal !== NONE) return refusal;
    const { sessionTimeoutMsMin, sessionTimeoutMsMax, memberMetadataBytesMax } = this.#options.settings;
    if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax)
      return errorCodes.INVALID_SESSION_TIMEOUT;
    if (bytesOfProtocols(protocols) > memberMetadataBytesMax) return errorCodes.INVALID_REQUEST;
    if (this.byId.has(groupId)) return NONE;
    return memberId === '' ? this.#refuseNewGroup() : UNKNOWN_MEMBER_ID;
  }

  refuseCommit(member: MemberIdentity): ErrorCode {
    if (!this.isAvailable(member.groupId)) return NOT_COORDINATOR;
    const group = this.byId.get(member.groupId);
    if (group !== undefined) return group.mayCommit(member);
    return member.generationId < 0 ? this.#refuseNewGroup() : GROUP_ID_NOT_FOUND;
  }

  /**
   * Checks as for a plain commit, with two exceptions: a running rebalance does not matter, and a
   * request that names no member is accepted while the group has members.
   */
  refuseTransactionalCommit(member: MemberIdentity): ErrorCode {
    const refusal = this.refuse(member.groupId);
    if (refusal !== NONE) return refusal;
    const group = this.byId.get(member.groupId);
    if (group !== undefined) return group.mayCommitInTransaction(member);
    return member.generationId < 0 ? this.#refuseNewGroup() : errorCodes.ILLEGAL_GENERATION;
  }

  close(): void {
    this.#closed = true;
    for (const group of this.byId.values()) group.close(NOT_COORDINATOR);
  }

  /**
   * Groups without members, offsets and generation do not count towards the limit: they are dropped
   * first, as the next retention check would do.
   */
  #refuseNewGroup(): ErrorCode {
    if (this.byId.size >= this.#options.settings.groupsMax) this.#forgetUnused();
    if (this.byId.size < this.#options.settings.groupsMax) return NONE;
    this.#options.logger.warn(
      { groupsMax: this.#options.settings.groupsMax },
      'a new group was rejected: use fewer groups, or raise groups.groupsMax of startBroker',
    );
    return errorCodes.POLICY_VIOLATION;
  }

  #forgetUnused(): void {
    for (const group of [...this.byId.values()])
      if (group.untouched && !this.#options.offsets.has(group.groupId)) this.byId.delete(group.groupId);
  }
}

interface Loading {
  readonly topic: CoordinatorTopic;
  readonly offsets: OffsetStore;
  readonly logger: Logger;
}

/**
 * Replays `__consumer_offsets`: puts offsets into the store and returns the newest snapshot of each
 * group. A later record replaces an earlier one, and a tombstone deletes it.
 */
export function loadGroups({ topic, offsets, logger }: Loading): Iterable<GroupSnapshot> {
  const groups = new Map<string, GroupSnapshot>();
  for (const batch of topic.batches()) {
    if (batch.marker !== undefined) offsets.applyEnd(batch.partition, batch.marker);
    for (const stored of batch.records) {
      const record = understand(stored, logger);
      if (record?.kind === 'offset') replay(record, { stored, batch, offsets });
      else if (record?.snapshot !== undefined) groups.set(record.groupId, record.snapshot);
      else if (record !== undefined) groups.delete(record.groupId);
    }
  }
  for (const [partition, cause] of topic.unreadable)
    logger.error(
      { partition, err: cause },
      'groups of this partition of __consumer_offsets are refused, because their committed offsets are unknown',
    );
  return groups.values();
}

interface OffsetReplay {
  readonly stored: StoredRecord;
  readonly batch: StoredBatch;
  readonly offsets: OffsetStore;
}

/**
 * An offset of a transaction waits for its marker, which is further down the log or not written
 * yet.
 */
function replay(
  { place, committed }: OffsetsTopicRecord & { kind: 'offset' },
  { stored, batch, offsets }: OffsetReplay,
): void {
  const recordOffset = stored.offset;
  if (batch.isTransactional && committed !== undefined)
    offsets.applyPending(batch.partition, batch.producer.producerId, [{ place, committed, recordOffset }]);
  else offsets.apply(place, committed, recordOffset);
}

/**
 * A record that was not written by this coordinator must not keep the broker from starting. It is
 * logged and skipped.
 */
function understand({ key, value, offset }: StoredRecord, logger: Logger): OffsetsTopicRecord | undefined {
  try {
    const record = key === null ? undefined : readRecord(key, value);
    if (record === undefined)
      logger.warn({ offset }, 'skipped a record of an unknown kind in __consumer_offsets');
    return record;
  } catch (error) {
    logger.error({ offset, err: error }, 'skipped an unreadable record in __consumer_offsets');
    return undefined;
  }
}
