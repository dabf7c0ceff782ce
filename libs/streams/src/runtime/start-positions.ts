import type { Admin, CommittedOffset, OpenLogReader, TopicPartition } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import { decodeOffsetMetadata, type OffsetMetadata } from '../assignment/offset-metadata.ts';
import type { TaskPlan } from '../assignment/tasks.ts';
import type { OffsetReset } from '../topology/topology-spec.ts';
import { placeName } from './place-name.ts';
import { StreamsError } from './streams-error.ts';
import type { StreamsSettings } from './streams-options.ts';

/** The position at which a task continues in one of its partitions. */
export interface StartPosition extends OffsetMetadata {
  readonly offset: bigint;
}

interface StartPositionParts {
  readonly settings: Pick<StreamsSettings, 'applicationId' | 'guarantee' | 'stateDir'> & {
    readonly logger: Pick<Logger, 'warn'>;
  };
  readonly admin: { readonly groups: Pick<Admin['groups'], 'offsets'> };
  readonly reader: Pick<OpenLogReader, 'beginningOffsets' | 'endOffsets'>;
  /** Reads committed records only. */
  readonly changelogs: Pick<OpenLogReader, 'fetchUndecoded' | 'beginningOffsets' | 'endOffsets'>;
  /** Returns where to begin in a topic without a committed offset. */
  readonly resetOf: (topic: string) => OffsetReset;
}

type PlannedTask = Pick<TaskPlan, 'name' | 'sources' | 'changelogs'>;

const unknownMetadata = decodeOffsetMetadata(undefined);

/**
 * Returns the offset at which the tasks begin, by the name of the partition: the committed one, once no
 * open transaction has a newer one (KIP-447), or else the one that `resetOf` chooses. Rejects
 * with `no_offset` if that is nowhere, and with `offsets_expired` if a task has state and no offset
 * at all.
 */
export async function startPositions(
  tasks: readonly PlannedTask[],
  parts: StartPositionParts,
): Promise<ReadonlyMap<string, StartPosition>> {
  const { settings, admin, reader, resetOf } = parts;
  const { applicationId } = settings;
  const places = tasks.flatMap(({ sources }) => sources);
  if (places.length === 0) return new Map();
  const committed = await admin.groups.offsets(applicationId, { partitions: places, stable: true });
  const positions = new Map(committed.map((one) => [placeName(one), positionOf(one)]));
  const without = places.filter((place) => !positions.has(placeName(place)));
  for (const { topic, partition } of without.filter(({ topic }) => resetOf(topic) === 'none'))
    throw new StreamsError(
      'no_offset',
      `the group ${applicationId} has no offset for ${topic}/${partition}, and its reset is none: ` +
        'commit one, or let the application begin at earliest or latest',
    );
  for (const task of tasks)
    if (!task.sources.some((place) => positions.has(placeName(place)))) await refuseState(task, parts);
  const latest = without.filter(({ topic }) => resetOf(topic) === 'latest');
  const earliest = without.filter(({ topic }) => resetOf(topic) === 'earliest');
  const begins = await Promise.all([
    earliest.length > 0 ? reader.beginningOffsets(earliest) : [],
    latest.length > 0 ? reader.endOffsets(latest) : [],
  ]);
  for (const begin of begins.flat())
    positions.set(placeName(begin), { ...unknownMetadata, offset: begin.offset });
  return positions;
}

const positionOf = ({ offset, metadata }: CommittedOffset): StartPosition => ({
  ...decodeOffsetMetadata(metadata),
  offset,
});

/**
 * Rejects if a task without any offset has state. With `exactly_once_v2` state is committed
 * together with an offset, so the offset is lost: brokers delete the offsets of a group that had no
 * member for a week. Kafka Streams begins at its reset then, and applies the same records to the
 * state again. With `at_least_once` a crash may have come between the two, so this only warns.
 */
async function refuseState(
  { name, changelogs }: PlannedTask,
  { settings, changelogs: reader }: StartPositionParts,
): Promise<void> {
  const { applicationId, guarantee, stateDir, logger } = settings;
  for (const place of changelogs) {
    if (!(await hasRecord(place, reader))) continue;
    const lost =
      `the task ${name} has state in ${placeName(place)}, and the group ${applicationId} has no offset for it. ` +
      'Brokers delete the offsets of an application that was off for a week, or as long as their retention says';
    if (guarantee === 'at_least_once') return logger.warn({ task: name }, `${lost}: records may count twice`);
    throw new StreamsError(
      'offsets_expired',
      `${lost}. To keep records from counting twice, let the application start over: \`npm run streams-reset -- ` +
        `--application-id ${applicationId} --input-topics NAME,... --state-dir ${stateDir}\``,
    );
  }
}

/** Whether a changelog has a record. Markers and records of aborted transactions are none. */
async function hasRecord(place: TopicPartition, reader: StartPositionParts['changelogs']): Promise<boolean> {
  const [begins, ends] = await Promise.all([reader.beginningOffsets([place]), reader.endOffsets([place])]);
  const end = ends[0]!.offset;
  for (let offset = begins[0]!.offset; offset < end;) {
    const [fetched] = await reader.fetchUndecoded([{ ...place, offset }]);
    if (fetched?.error !== undefined) throw fetched.error;
    if (fetched?.records.next() !== undefined) return true;
    offset = fetched?.nextOffset ?? end;
  }
  return false;
}
