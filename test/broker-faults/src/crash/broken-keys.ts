import { fateOf, type CrashPoint } from './fate.ts';
import type { SurveyedPartition, SurveyedRecord } from './log-survey.ts';
import { short } from './broken-records.ts';
import { wasDone, type PutAsked } from './promise-book.ts';

interface Written {
  readonly put: PutAsked;
  readonly value: string | null;
  readonly place: bigint;
}

/**
 * Checks a compacted log: each record was written at its offset and in its order, and each key has
 * its last value.
 */
export function keyProblems(
  name: string,
  puts: readonly PutAsked[],
  found: SurveyedPartition,
  point: CrashPoint,
): readonly string[] {
  const history = new Map<string, Written[]>();
  for (const put of puts)
    for (const [index, { key, value }] of put.entries.entries())
      history.set(key, [...(history.get(key) ?? []), { put, value, place: BigInt(index) }]);
  return [
    ...increasing(name, found.records),
    ...found.records.flatMap((record) => recordProblems(name, record, history.get(record.key) ?? [], point)),
    ...[...history].flatMap(([key, written]) =>
      lastValueProblems(`${name}: ${key}`, written, valuesOf(key, written, found, point), point),
    ),
  ];
}

function increasing(name: string, records: readonly SurveyedRecord[]): readonly string[] {
  const wrong = records.findIndex(
    ({ offset }, index) => index > 0 && offset <= (records[index - 1]?.offset ?? 0n),
  );
  return wrong < 0
    ? []
    : [`${name} has offset ${records[wrong]?.offset} after ${records[wrong - 1]?.offset}`];
}

function recordProblems(
  name: string,
  record: SurveyedRecord,
  written: readonly Written[],
  point: CrashPoint,
): readonly string[] {
  const label = `${name}: ${record.key} = ${short(String(record.value))} at ${record.offset}`;
  const same = written.filter(({ value }) => value === record.value);
  if (same.length === 0) return [`${label}, which nobody wrote at that offset`];
  if (record.isCommitted && same.every(({ put }) => fateOf(put, point) === 'never'))
    return [`${label} was not committed but is served as committed`];
  const isInPlace = ({ put, place }: Written) =>
    !wasDone(put, point.at) || (put.offset ?? 0n) + place === record.offset;
  return same.some(isInPlace) ? [] : [`${label} was acknowledged at another offset`];
}

/** The values of a key that readers of committed records see, now or once they can read further. */
function valuesOf(
  key: string,
  written: readonly Written[],
  found: SurveyedPartition,
  point: CrashPoint,
): ReadonlyArray<string | null> {
  const mayCome = (value: string | null) =>
    written.some((each) => each.value === value && fateOf(each.put, point) !== 'never');
  return found.records
    .filter(
      (record) =>
        record.key === key &&
        (record.isCommitted || (record.offset >= found.stable && mayCome(record.value))),
    )
    .map(({ value }) => value);
}

/**
 * The last value must be the last acknowledged one, or one that was requested after it. Compaction
 * may also have removed a deletion.
 */
function lastValueProblems(
  label: string,
  written: readonly Written[],
  values: ReadonlyArray<string | null>,
  point: CrashPoint,
): readonly string[] {
  const lastPromised = written.findLastIndex(({ put }) => fateOf(put, point) === 'promised');
  const possible = written
    .slice(Math.max(lastPromised, 0))
    .filter(({ put }) => fateOf(put, point) !== 'never')
    .map(({ value }) => value);
  const last = values.at(-1);
  if (last === undefined && (lastPromised < 0 || possible.includes(null))) return [];
  if (last !== undefined && possible.includes(last)) return [];
  return [
    `${label} is ${last === undefined ? 'gone' : short(String(last))}, ` +
      `but should be ${possible.map((each) => short(String(each))).join(' or ')}`,
  ];
}
