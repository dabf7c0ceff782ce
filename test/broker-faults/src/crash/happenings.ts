import type { DiskOperation } from '../disk/disk-operation.ts';
import type { RecordedRun } from './recorded-run.ts';

/**
 * Counts what happened in a recorded run, since a crash proves nothing about what never happened.
 */
export function happenings({ operations, book }: RecordedRun): string {
  const done = (asked: ReadonlyArray<{ readonly doneAt?: number }>) =>
    asked.filter(({ doneAt }) => doneAt !== undefined).length;
  const ends = book.transactions.flatMap(({ end }) => (end?.doneAt === undefined ? [] : [end]));
  return [
    `${done(book.batches)} batches and ${done(book.puts)} keyed records acknowledged`,
    `${ends.filter(({ committed }) => committed).length} transactions committed, ` +
      `${ends.filter(({ committed }) => !committed).length} aborted, ` +
      `${book.transactions.length - ends.length} left open`,
    `${done(book.commits)} offsets`,
    `${done(book.memberships)} generations of groups`,
    `${done(book.topics)} topics created, ` +
      `${done(book.topics.flatMap(({ deletion }) => deletion ?? []))} deleted, ` +
      `${done(book.topics.flatMap(({ growth }) => growth ?? []))} grown`,
    `${done(book.deletions)} deletions of records`,
    `${countRenames(operations, /\.log\.swap$/)} segments compacted`,
    `${removedSegments(operations)} segments removed`,
  ].join(', ');
}

const countRenames = (operations: readonly DiskOperation[], name: RegExp): number =>
  operations.filter((operation) => operation.kind === 'rename' && name.test(operation.to.name)).length;

const removedSegments = (operations: readonly DiskOperation[]): number =>
  operations.filter((operation) => operation.kind === 'remove' && operation.name.endsWith('.log')).length;
