import { keyProblems } from './broken-keys.ts';
import { partitionProblems, startProblems } from './broken-records.ts';
import { readersProblems, seenOutcomes } from './broken-transactions.ts';
import { type CrashPoint, fateOf } from './fate.ts';
import type { LogSurvey } from './log-survey.ts';
import {
  wasAsked,
  type BatchAsked,
  type PromiseBook,
  type PutAsked,
  type TopicAsked,
  type CommitAsked,
  wasDone,
} from './promise-book.ts';

/** Finds, for each topic name, which of the topics created under it exists now, if any. */
function topicsAt(book: PromiseBook, survey: LogSurvey, at: number) {
  const { topicIds } = survey;
  const problems: string[] = [];
  const topics: TopicAsked[] = [];
  for (const name of new Set(book.topics.map((topic) => topic.name))) {
    const asked = book.topics.filter((topic) => topic.name === name && wasAsked(topic, at));
    const known = topicIds.get(name);
    const alive = asked.find((topic) => wasDone(topic, at) && !wasAsked(topic.deletion, at));
    // A topic may or may not exist if its creation was not answered yet or its deletion was under
    // way.
    const found =
      asked.find(({ topicId }) => topicId === known) ?? asked.find((topic) => topic.doneAt === undefined);
    if (alive !== undefined && known !== alive.topicId)
      problems.push(`topic ${name} ${known === undefined ? 'was created and is gone' : 'has another id'}`);
    if (known !== undefined && found === undefined)
      problems.push(`topic ${name} has an id that the broker never returned`);
    if (known !== undefined && found !== undefined && wasDone(found.deletion, at))
      problems.push(`topic ${name} was deleted and is still there`);
    if (known === undefined || found === undefined) continue;
    problems.push(...sizeProblems(found, survey, at));
    topics.push(found);
  }
  for (const name of topicIds.keys())
    if (!book.topics.some((topic) => topic.name === name)) problems.push(`nobody requested topic ${name}`);
  return { topics, problems };
}

const partitionCount = (name: string, { partitions }: LogSurvey): number =>
  [...partitions.keys()].filter((each) => each.slice(0, each.lastIndexOf('-')) === name).length;

/** Checks that the added partitions exist, and no partition that nobody requested. */
function sizeProblems(
  { name, partitions, growth }: TopicAsked,
  survey: LogSurvey,
  at: number,
): readonly string[] {
  const found = partitionCount(name, survey);
  const least = wasDone(growth, at) ? (growth?.partitions ?? partitions) : partitions;
  const most = wasAsked(growth, at) ? (growth?.partitions ?? partitions) : partitions;
  return found === least || found === most
    ? []
    : [`topic ${name} has ${found} partitions, but should have ${least} to ${most}`];
}

/** The promises made before the crash that what the broker serves after it breaks. */
export function brokenPromises(whole: PromiseBook, survey: LogSurvey, point: CrashPoint): readonly string[] {
  const book = askedBy(whole, point.at);
  const expected = topicsAt(book, survey, point.at);
  const outcomes = seenOutcomes(book, survey, point);
  const seen: CrashPoint = { ...point, ended: new Map([...outcomes.seen, ...(point.ended ?? [])]) };
  return [
    ...expected.problems,
    ...[...survey.partitions].flatMap(([name, { errorCode }]) =>
      errorCode === undefined ? [] : [`${name} is refused with error ${errorCode}`],
    ),
    ...expected.topics.flatMap((topic) =>
      partitionsOf(topic, survey).flatMap((partition) =>
        problemsOf({ topic, partition }, book, survey, seen),
      ),
    ),
    ...outcomes.problems,
    ...commitProblems(book.commits, survey, seen),
  ];
}

/**
 * The part of the check that concerns transactions, for a log that has been written to since the
 * crash.
 */
export function transactionProblems(
  whole: PromiseBook,
  survey: LogSurvey,
  point: CrashPoint,
): readonly string[] {
  const book = askedBy(whole, point.at);
  const outcomes = seenOutcomes(book, survey, point);
  const seen: CrashPoint = { ...point, ended: new Map([...outcomes.seen, ...(point.ended ?? [])]) };
  const visible = [...survey.partitions].flatMap(([name, found]) => {
    const isHere = (asked: BatchAsked | PutAsked) => `${asked.topic.name}-${asked.partition}` === name;
    const batches = book.batches.filter(isHere);
    const puts = book.puts.filter(isHere);
    return puts.length > 0
      ? keyProblems(name, puts, found, seen)
      : readersProblems(name, batches, found, seen);
  });
  return [...outcomes.problems, ...visible, ...commitProblems(book.commits, survey, seen)];
}

/** The part of the book up to the crash. What was requested later was not promised yet. */
function askedBy(book: PromiseBook, at: number): PromiseBook {
  return {
    ...book,
    batches: book.batches.filter((asked) => wasAsked(asked, at)),
    puts: book.puts.filter((asked) => wasAsked(asked, at)),
    commits: book.commits.filter((asked) => wasAsked(asked, at)),
    deletions: book.deletions.filter((asked) => wasAsked(asked, at)),
    transactions: book.transactions.filter((asked) => wasAsked(asked, at)),
  };
}

const partitionsOf = (topic: TopicAsked, survey: LogSurvey): number[] =>
  Array.from(
    { length: Math.max(topic.partitions, partitionCount(topic.name, survey)) },
    (_, partition) => partition,
  );

interface Place {
  readonly topic: TopicAsked;
  readonly partition: number;
}

function problemsOf(
  { topic, partition }: Place,
  book: PromiseBook,
  survey: LogSurvey,
  point: CrashPoint,
): readonly string[] {
  const name = `${topic.name}-${partition}`;
  const found = survey.partitions.get(name);
  if (found === undefined) return [`${name} is missing`];
  if (found.errorCode !== undefined) return [];
  const isHere = (asked: { readonly topic: TopicAsked; readonly partition: number }) =>
    asked.topic === topic && asked.partition === partition;
  if (topic.compacted === true) return keyProblems(name, book.puts.filter(isHere), found, point);
  const batches = book.batches.filter(isHere);
  return [
    ...partitionProblems(name, batches, found, point),
    ...readersProblems(name, batches, found, point),
    ...startProblems(topic, name, { batches, deletions: book.deletions.filter(isHere), found, point }),
  ];
}

/**
 * Checks that each group has the offset that was committed last, or one whose commit was requested
 * after it.
 */
function commitProblems(
  commits: readonly CommitAsked[],
  { offsets }: LogSurvey,
  point: CrashPoint,
): readonly string[] {
  const problems: string[] = [];
  for (const place of new Set(
    commits.map(({ group, topic, partition }) => `${group} ${topic}-${partition}`),
  )) {
    const [group = '', partition = ''] = place.split(' ');
    const asked = commits
      .filter((each) => each.group === group && `${each.topic}-${each.partition}` === partition)
      .map((commit) => ({ offset: commit.offset, fate: fateOf(commit, point) }))
      .filter(({ fate }) => fate !== 'never');
    const lastDone = asked.findLastIndex(({ fate }) => fate === 'promised');
    const possible = asked.slice(Math.max(lastDone, 0)).map(({ offset }) => offset);
    const known = offsets.get(group);
    if (typeof known === 'number') problems.push(`group ${group} is refused with error ${known}`);
    const found = typeof known === 'number' ? undefined : known?.get(partition);
    if (found === undefined && lastDone >= 0)
      problems.push(`${group} committed ${possible[0]} of ${partition}, but it is gone`);
    if (found !== undefined && !possible.includes(found))
      problems.push(`${group} committed ${possible.join(' or ')} of ${partition}, but it is ${found}`);
  }
  return problems;
}
