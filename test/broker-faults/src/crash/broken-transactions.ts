import { fateOf, outcomeOf, type CrashPoint } from './fate.ts';
import type { LogSurvey, SurveyedPartition } from './log-survey.ts';
import { short } from './broken-records.ts';
import { wasDone, type BatchAsked, type PromiseBook, type TransactionAsked } from './promise-book.ts';

/**
 * Checks that readers of committed records get everything that was committed and nothing else, and
 * that they are never stuck.
 */
export function readersProblems(
  name: string,
  batches: readonly BatchAsked[],
  { stable, end, records }: SurveyedPartition,
  point: CrashPoint,
): readonly string[] {
  const writers = new Map(batches.flatMap((batch) => batch.values.map((value) => [value, batch] as const)));
  const problems = records.flatMap(({ offset, value, isCommitted }) => {
    const batch = writers.get(String(value));
    if (batch === undefined) return [];
    const label = `${name}: ${short(String(value))} at ${offset}`;
    const fate = fateOf(batch, point);
    if (isCommitted && fate === 'never') return [`${label} was not committed but is served as committed`];
    const isHidden =
      !isCommitted && offset < stable && (fate === 'promised' || batch.transaction === undefined);
    return isHidden ? [`${label} was committed but is hidden from readers`] : [];
  });
  const isHeldUp = stable < end && !batches.some(({ transaction }) => isUndecided(transaction, point));
  return isHeldUp
    ? [
        ...problems,
        `${name}: readers of committed records get to ${stable} of ${end}, although no transaction is undecided`,
      ]
    : problems;
}

function isUndecided(
  transaction: TransactionAsked | undefined,
  { at, ended, endsMayWait }: CrashPoint,
): boolean {
  if (transaction === undefined || ended?.has(transaction) === true) return false;
  return (
    !wasDone(transaction.end, at) || (endsMayWait === true && transaction.end?.completedAt === undefined)
  );
}

/**
 * Finds the outcome of each commit that got no answer: readers must see all of it or nothing. What
 * they see of its records decides what is expected of its offsets and keys.
 */
export function seenOutcomes(book: PromiseBook, survey: LogSurvey, point: CrashPoint) {
  const seen = new Map<TransactionAsked, boolean>();
  const problems: string[] = [];
  for (const transaction of book.transactions.filter((each) => outcomeOf(each, point) === 'possible')) {
    const readable = book.batches
      .filter((batch) => batch.transaction === transaction)
      .flatMap((batch) => readableOf(batch, survey.partitions.get(`${batch.topic.name}-${batch.partition}`)));
    if (new Set(readable).size > 1)
      problems.push(`a transaction of ${transaction.transactionalId} is visible in part`);
    const [first] = readable;
    if (first !== undefined) seen.set(transaction, first);
  }
  return { seen, problems };
}

/** Says, for each decided record of the batch, whether readers of committed records get it. */
function readableOf({ values }: BatchAsked, found: SurveyedPartition | undefined): readonly boolean[] {
  if (found === undefined) return [];
  const mine = new Set(values);
  return found.records
    .filter(({ offset, value }) => value !== null && mine.has(value) && offset < found.stable)
    .map(({ isCommitted }) => isCommitted);
}
