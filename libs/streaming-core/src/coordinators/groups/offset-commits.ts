import { RetryLog, type Clock, type Logger } from '../../runtime/index.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { consumerProtocol, type Group } from './group.ts';
import type { KnownGroups } from './known-groups.ts';
import type { OffsetStore } from './offset-store.ts';
import type { CoordinatorTopic, Producer } from '../coordinator-topic.ts';
import { codeOfFailedWrite } from './membership.ts';
import type { GroupSettings } from './group-settings.ts';
import type { CommittedOffset, DeletedOffsets, GroupPartition, MemberIdentity } from './group-requests.ts';

const { NONE, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP } = errorCodes;

interface OffsetCommitsOptions {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: GroupSettings;
  readonly groups: KnownGroups;
  readonly topic: CoordinatorTopic;
  readonly offsets: OffsetStore;
}

const keyOf = ({ topic, partition }: GroupPartition): string => `${topic}-${partition}`;

interface CommitToCheck {
  readonly offsets: readonly CommittedOffset[];
  /** Why the whole group or member is rejected, or NONE. */
  readonly refusal: ErrorCode;
  readonly inTransaction: boolean;
}

/** Commits and deletes offsets of groups. Returns a code for each partition. */
export class OffsetCommits {
  readonly #options: OffsetCommitsOptions;
  readonly #writes: RetryLog;

  constructor(options: OffsetCommitsOptions) {
    this.#options = options;
    this.#writes = new RetryLog({ clock: options.clock, logger: options.logger, level: 'error' });
  }

  async commit(member: MemberIdentity, offsets: readonly CommittedOffset[], retentionMs?: bigint) {
    const refusal = this.#options.groups.refuseCommit(member);
    return this.#commit(member.groupId, { offsets, refusal, inTransaction: false }, (accepted) =>
      this.#options.offsets.commit(member.groupId, accepted, retentionMs),
    );
  }

  async commitInTransaction(member: MemberIdentity, offsets: readonly CommittedOffset[], producer: Producer) {
    const refusal = this.#options.groups.refuseTransactionalCommit(member);
    const { groupId } = member;
    return this.#commit(groupId, { offsets, refusal, inTransaction: true }, (accepted) =>
      this.#options.offsets.commitInTransaction(groupId, accepted, producer),
    );
  }

  async delete(groupId: string, partitions: readonly GroupPartition[]): Promise<DeletedOffsets> {
    const refusal = this.#options.groups.refuse(groupId);
    if (refusal !== NONE) return { errorCode: refusal, partitions: [] };
    await this.#options.topic.settled();
    const group = this.#options.groups.get(groupId);
    if (group === undefined) return { errorCode: GROUP_ID_NOT_FOUND, partitions: [] };
    if (group.state !== 'Empty' && group.protocolType !== consumerProtocol)
      return { errorCode: NON_EMPTY_GROUP, partitions: [] };
    const checked = partitions.map((place) => ({ ...place, errorCode: this.#refuseDeletion(group, place) }));
    const doomed = new Set(checked.flatMap((place) => (place.errorCode === NONE ? [keyOf(place)] : [])));
    const errorCode = await this.written(groupId, () =>
      this.#options.offsets.forget(groupId, (held) => doomed.has(keyOf(held))),
    );
    return { errorCode, partitions: errorCode === NONE ? checked : [] };
  }

  /** Returns NONE once the write is durable, otherwise the code for the client. */
  async written(groupId: string, write: () => Promise<unknown>): Promise<ErrorCode> {
    try {
      await write();
      this.#writes.recovered('committed offsets can be written again');
      return NONE;
    } catch (error) {
      this.#writes.failed(error, 'committed offsets could not be written', { groupId });
      return codeOfFailedWrite(error);
    }
  }

  /** An admitted commit creates the group, even if none of its offsets is stored. */
  async #commit(
    groupId: string,
    commit: CommitToCheck,
    write: (accepted: readonly CommittedOffset[]) => Promise<void>,
  ) {
    const { offsets, refusal } = commit;
    if (
      refusal === NONE &&
      offsets.some(({ topic, partition }) => this.#options.logs.partition(topic, partition) !== undefined)
    )
      this.#options.groups.getOrAdd(groupId);
    const checked = offsets.map((offset) => ({ offset, errorCode: this.#refuseOffset(offset, refusal) }));
    const accepted = checked.filter(({ errorCode }) => errorCode === NONE).map(({ offset }) => offset);
    const failure =
      accepted.length === 0 ? NONE : await this.#store(groupId, { ...commit, offsets: accepted }, write);
    return checked.map(({ offset: { topic, partition }, errorCode }) => ({
      topic,
      partition,
      errorCode: errorCode === NONE ? failure : errorCode,
    }));
  }

  /**
   * Stores all offsets of a commit or none. Offsets that are already held can be committed again,
   * whatever the limit.
   */
  async #store(
    groupId: string,
    commit: CommitToCheck,
    write: (accepted: readonly CommittedOffset[]) => Promise<void>,
  ): Promise<ErrorCode> {
    if (this.#options.offsets.hasRoomFor(groupId, commit.offsets, commit))
      return this.#storeOffsets(groupId, () => write(commit.offsets));
    const { offsetBytesMax } = this.#options.settings;
    this.#options.logger.warn(
      { groupId, offsetBytesMax },
      'a commit was rejected: delete groups that are no longer used, or raise groups.offsetBytesMax of startBroker',
    );
    return errorCodes.INVALID_COMMIT_OFFSET_SIZE;
  }

  async #storeOffsets(groupId: string, write: () => Promise<void>): Promise<ErrorCode> {
    const errorCode = await this.written(groupId, write);
    if (errorCode === NONE) this.#options.groups.getOrAdd(groupId);
    return errorCode;
  }

  /**
   * An unknown partition takes precedence over other errors, since the broker checks it before it
   * asks the group.
   */
  #refuseOffset({ topic, partition, metadata }: CommittedOffset, ofGroup: ErrorCode): ErrorCode {
    if (this.#options.logs.partition(topic, partition) === undefined)
      return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    if (ofGroup !== NONE) return ofGroup;
    const tooLarge = (metadata?.length ?? 0) > this.#options.settings.offsetMetadataCharsMax;
    return tooLarge ? errorCodes.OFFSET_METADATA_TOO_LARGE : NONE;
  }

  #refuseDeletion(group: Group, { topic, partition }: GroupPartition): ErrorCode {
    if (this.#options.logs.partition(topic, partition) === undefined)
      return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    return group.reads(topic) ? errorCodes.GROUP_SUBSCRIBED_TO_TOPIC : NONE;
  }
}
