import type { LogSurvey, SurveyedRecord } from './log-survey.ts';
import {
  wasAsked,
  wasDone,
  type BatchAsked,
  type CommitAsked,
  type DeletionAsked,
  type PromiseBook,
  type TopicAsked,
} from './promise-book.ts';

export interface CrashPoint {
  /** How many changes of the disk had been made. */
  readonly at: number;
  /** Everything that was synced is there, and perhaps more; otherwise everything that was written is. */
  readonly powerLost: boolean;
}

/** What was promised before the crash and does not hold of what the broker gives out after it. */
export function brokenPromises(book: PromiseBook, survey: LogSurvey, point: CrashPoint): readonly string[] {
  const expected = topicsAt(book, survey, point.at);
  const batches = book.batches.filter((batch) => wasAsked(batch, point.at));
  return [
    ...expected.problems,
    ...[...survey.partitions].flatMap(([name, { errorCode }]) =>
      errorCode === undefined ? [] : [`${name} is refused with error ${errorCode}`],
    ),
    ...expected.topics.flatMap((topic) =>
      partitionsOf(topic).flatMap((partition) => [
        ...partitionProblems(topic, partition, batches, survey, point),
        ...startProblems(topic, partition, book.deletions, survey, point.at),
      ]),
    ),
    ...commitProblems(book.commits, survey, point.at),
  ];
}

const partitionsOf = ({ partitions }: TopicAsked): number[] => Array.from({ length: partitions }, (_, partition) => partition);

/** Which of the topics that were made is the one that is there, if any. */
function topicsAt(book: PromiseBook, { topicIds }: LogSurvey, at: number) {
  const problems: string[] = [];
  const topics: TopicAsked[] = [];
  for (const name of new Set(book.topics.map((topic) => topic.name))) {
    const asked = book.topics.filter((topic) => topic.name === name && wasAsked(topic, at));
    const known = topicIds.get(name);
    const alive = asked.find((topic) => wasDone(topic, at) && !wasAsked(topic.deletion, at));
    // One whose answer was not there yet, or that was being deleted, may be there or not.
    const found = asked.find(({ topicId }) => topicId === known) ?? asked.find((topic) => topic.doneAt === undefined);
    if (alive !== undefined && known !== alive.topicId)
      problems.push(`topic ${name} was made and is ${known === undefined ? 'gone' : 'another'}`);
    if (known !== undefined && found === undefined) problems.push(`topic ${name} has an id that nobody was told`);
    if (known !== undefined && found !== undefined && wasDone(found.deletion, at)) problems.push(`topic ${name} was deleted and is there`);
    if (known !== undefined && found !== undefined) topics.push(found);
  }
  for (const name of topicIds.keys())
    if (!book.topics.some((topic) => topic.name === name)) problems.push(`nobody asked for topic ${name}`);
  return { topics, problems };
}

function partitionProblems(
  topic: TopicAsked,
  partition: number,
  all: readonly BatchAsked[],
  survey: LogSurvey,
  point: CrashPoint,
): readonly string[] {
  const name = `${topic.name}-${partition}`;
  const found = survey.partitions.get(name);
  if (found === undefined) return [`${name} is not there`];
  if (found.errorCode !== undefined) return [];
  const batches = all.filter((batch) => batch.topic === topic && batch.partition === partition);
  const at = new Map<string, bigint[]>();
  for (const { value, offset } of found.records) at.set(value, [...(at.get(value) ?? []), offset]);
  return [
    ...holes(name, found.start, found.records),
    ...unknownValues(name, found.records, batches),
    ...batches.flatMap((batch) => batchProblems(name, batch, at, { ...point, start: found.start })),
    ...disorder(name, batches, at),
  ];
}

function holes(name: string, start: bigint, records: readonly SurveyedRecord[]): readonly string[] {
  const wrong = records.findIndex(({ offset }, index) => offset !== start + BigInt(index));
  return wrong < 0 ? [] : [`${name} has offset ${records[wrong]?.offset} where ${start + BigInt(wrong)} belongs`];
}

function unknownValues(name: string, records: readonly SurveyedRecord[], batches: readonly BatchAsked[]): readonly string[] {
  const asked = new Set(batches.flatMap(({ values }) => values));
  return records
    .filter(({ value }) => !asked.has(value))
    .map(({ offset, value }) => `${name} has ${short(value)} at ${offset}, which nobody wrote there`);
}

function batchProblems(
  name: string,
  batch: BatchAsked,
  at: ReadonlyMap<string, readonly bigint[]>,
  point: CrashPoint & { readonly start: bigint },
): readonly string[] {
  const isDone = wasDone(batch, point.at);
  const all = batch.values.map((value) => at.get(value) ?? []);
  const label = `${name}: ${short(batch.values[0] ?? '')}`;
  if (all.some(({ length }) => length > 1)) return [`${label} stands twice, at ${all.flat().join(', ')}`];
  const hidden = deletedOf(all, isDone ? batch.offset : undefined, point.start);
  const offsets = all.slice(hidden);
  if (offsets.length === 0) return [];
  const [first] = offsets[0] ?? [];
  const present = offsets.filter(({ length }) => length === 1).length;
  const promised = isDone && (batch.acks === -1 || !point.powerLost);
  if (present === 0) return promised ? [`${label} was acknowledged at ${batch.offset} and is gone`] : [];
  if (present < offsets.length) return [`${label} is there with ${present} of ${offsets.length} records`];
  if (offsets.some(([offset], index) => offset !== (first ?? 0n) + BigInt(index))) return [`${label} is there in another order`];
  const moved = isDone && first !== (batch.offset ?? 0n) + BigInt(hidden);
  return moved ? [`${label} was acknowledged at ${batch.offset} and stands at ${first}`] : [];
}

/** How many records of a batch, from its first on, are below the start of the log. */
function deletedOf(all: ReadonlyArray<readonly bigint[]>, offset: bigint | undefined, start: bigint): number {
  if (offset !== undefined) return all.filter((_, index) => offset + BigInt(index) < start).length;
  const found = all.findIndex(({ length }) => length > 0);
  return found > 0 && all[found]?.[0] === start ? found : 0;
}

/** The log starts where it was last told to, or where it was being told to. */
function startProblems(
  topic: TopicAsked,
  partition: number,
  all: readonly DeletionAsked[],
  survey: LogSurvey,
  at: number,
): readonly string[] {
  const start = survey.partitions.get(`${topic.name}-${partition}`)?.start ?? 0n;
  const mine = all.filter((asked) => asked.topic === topic && asked.partition === partition && wasAsked(asked, at));
  const highest = (some: readonly DeletionAsked[]) => some.reduce((most, { offset }) => (offset > most ? offset : most), 0n);
  const [least, most] = [highest(mine.filter((asked) => wasDone(asked, at))), highest(mine)];
  return start >= least && start <= most ? [] : [`${topic.name}-${partition} starts at ${start}, and was told ${least} to ${most}`];
}

function disorder(name: string, batches: readonly BatchAsked[], at: ReadonlyMap<string, readonly bigint[]>): readonly string[] {
  return [...new Set(batches.map(({ session }) => session))].flatMap((session) => {
    const places = batches.filter((batch) => batch.session === session).flatMap(({ values }) => at.get(values[0] ?? '')?.slice(0, 1) ?? []);
    const late = places.findIndex((offset, index) => index > 0 && offset < (places[index - 1] ?? 0n));
    return late < 0 ? [] : [`${name}: the batch of ${session} at ${places[late]} was written after the one at ${places[late - 1]}`];
  });
}

/** The last one that was acknowledged, or one that was asked for after it. */
function commitProblems(commits: readonly CommitAsked[], { offsets }: LogSurvey, at: number): readonly string[] {
  const problems: string[] = [];
  for (const place of new Set(commits.map(({ group, topic, partition }) => `${group} ${topic}-${partition}`))) {
    const [group = '', partition = ''] = place.split(' ');
    const asked = commits.filter((each) => each.group === group && `${each.topic}-${each.partition}` === partition && wasAsked(each, at));
    const lastDone = asked.findLastIndex((commit) => wasDone(commit, at));
    const possible = asked.slice(Math.max(lastDone, 0)).map(({ offset }) => offset);
    const known = offsets.get(group);
    if (typeof known === 'number') problems.push(`group ${group} is refused with error ${known}`);
    const found = typeof known === 'number' ? undefined : known?.get(partition);
    if (found === undefined && lastDone >= 0) problems.push(`${group} committed ${possible[0]} of ${partition}, and it is gone`);
    if (found !== undefined && !possible.includes(found))
      problems.push(`${group} committed ${possible.join(' or ')} of ${partition}, and it is ${found}`);
  }
  return problems;
}

const short = (value: string): string => value.replace(/:x*$/, '');
