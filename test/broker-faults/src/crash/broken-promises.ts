import { keyProblems } from './broken-keys.ts';
import { commitProblems } from './broken-offsets.ts';
import { partitionProblems, startProblems } from './broken-records.ts';
import { partitionCount, topicsAt } from './broken-topics.ts';
import { readersProblems, seenOutcomes } from './broken-transactions.ts';
import type { CrashPoint } from './fate.ts';
import type { LogSurvey } from './log-survey.ts';
import {
  wasAsked,
  type BatchAsked,
  type PromiseBook,
  type PutAsked,
  type TopicAsked,
} from './promise-book.ts';

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
