import type { CrashPoint } from './fate.ts';
import type { SurveyedPartition } from './log-survey.ts';
import { wasDone, type BatchAsked, type DeletionAsked, type TopicAsked } from './promise-book.ts';

type Offsets = ReadonlyMap<string, readonly bigint[]>;

/**
 * Checks that the log holds what was written to it, whether or not readers of committed records may
 * see it. Each batch must be whole, stored once, in order and at its offset.
 */
export function partitionProblems(
  name: string,
  batches: readonly BatchAsked[],
  found: SurveyedPartition,
  point: CrashPoint,
): readonly string[] {
  const at = new Map<string, bigint[]>();
  for (const { value, offset } of found.records)
    at.set(String(value), [...(at.get(String(value)) ?? []), offset]);
  return [
    ...holes(name, found),
    ...unknownValues(name, found, batches),
    ...batches.flatMap((batch) => batchProblems(name, batch, at, { ...point, start: found.start })),
    ...disorder(name, batches, at),
  ];
}

function holes(name: string, { start, end, records, markers }: SurveyedPartition): readonly string[] {
  const offsets = [...records, ...markers]
    .map(({ offset }) => offset)
    .sort((one, other) => (one < other ? -1 : 1));
  const wrong = offsets.findIndex((offset, index) => offset !== start + BigInt(index));
  if (wrong >= 0) return [`${name} has offset ${offsets[wrong]} where ${start + BigInt(wrong)} belongs`];
  return start + BigInt(offsets.length) === end
    ? []
    : [`${name} ends at ${end} but has ${offsets.length} offsets, starting at ${start}`];
}

function unknownValues(
  name: string,
  { records }: SurveyedPartition,
  batches: readonly BatchAsked[],
): readonly string[] {
  const asked = new Set(batches.flatMap(({ values }) => values));
  return records
    .filter(({ value }) => value === null || !asked.has(value))
    .map(
      ({ offset, value }) =>
        `${name} has ${short(String(value))} at ${offset}, which nobody wrote at that offset`,
    );
}

function batchProblems(
  name: string,
  batch: BatchAsked,
  at: Offsets,
  point: CrashPoint & { readonly start: bigint },
): readonly string[] {
  const isDone = wasDone(batch, point.at);
  const all = batch.values.map((value) => at.get(value) ?? []);
  const label = `${name}: ${short(batch.values[0] ?? '')}`;
  if (all.some(({ length }) => length > 1)) return [`${label} is stored twice, at ${all.flat().join(', ')}`];
  const hidden = deletedOf(all, isDone ? batch.offset : undefined, point.start);
  const offsets = all.slice(hidden);
  if (offsets.length === 0) return [];
  const [first] = offsets[0] ?? [];
  const present = offsets.filter(({ length }) => length === 1).length;
  const promised = isDone && (batch.acks === -1 || !point.powerLost);
  if (present === 0) return promised ? [`${label} was acknowledged at ${batch.offset} and is gone`] : [];
  if (present < offsets.length) return [`${label} has only ${present} of ${offsets.length} records`];
  if (offsets.some(([offset], index) => offset !== (first ?? 0n) + BigInt(index)))
    return [`${label} has its records in another order`];
  const moved = isDone && first !== (batch.offset ?? 0n) + BigInt(hidden);
  return moved ? [`${label} was acknowledged at ${batch.offset} but is at ${first}`] : [];
}

/** The number of records at the beginning of a batch that are below the start of the log. */
function deletedOf(all: ReadonlyArray<readonly bigint[]>, offset: bigint | undefined, start: bigint): number {
  if (offset !== undefined) return all.filter((_, index) => offset + BigInt(index) < start).length;
  const found = all.findIndex(({ length }) => length > 0);
  return found > 0 && all[found]?.[0] === start ? found : 0;
}

function disorder(name: string, batches: readonly BatchAsked[], at: Offsets): readonly string[] {
  return [...new Set(batches.map(({ session }) => session))].flatMap((session) => {
    const places = batches
      .filter((batch) => batch.session === session)
      .flatMap(({ values }) => at.get(values[0] ?? '')?.slice(0, 1) ?? []);
    const late = places.findIndex((offset, index) => index > 0 && offset < (places[index - 1] ?? 0n));
    return late < 0
      ? []
      : [
          `${name}: the batch of ${session} at ${places[late]} was written after the one at ${places[late - 1]}`,
        ];
  });
}

interface StartToCheck {
  readonly batches: readonly BatchAsked[];
  readonly deletions: readonly DeletionAsked[];
  readonly found: SurveyedPartition;
  readonly point: CrashPoint;
}

/**
 * Checks that the log starts at the last acknowledged deletion or at one that was requested after
 * it, and that retention has left as many bytes as it has to keep.
 */
export function startProblems(
  topic: TopicAsked,
  name: string,
  { batches, deletions, found, point }: StartToCheck,
): readonly string[] {
  const highest = (some: readonly DeletionAsked[]) =>
    some.reduce((most, { offset }) => (offset > most ? offset : most), 0n);
  const least = highest(deletions.filter((asked) => wasDone(asked, point.at)));
  const most = highest(deletions);
  if (found.start < least) return [`${name} starts at ${found.start}, but should start at ${least} or later`];
  if (topic.retentionBytes === undefined)
    return found.start <= most
      ? []
      : [`${name} starts at ${found.start}, but should start at ${most} at the latest`];
  const kept = new Set(found.records.map(({ value }) => value));
  const bytes = batches.reduce(
    (sum, batch) => sum + (kept.has(batch.values[0] ?? '') ? batch.bytes.length : 0),
    0,
  );
  if (found.start === 0n || bytes >= topic.retentionBytes) return [];
  return [
    `${name} starts at ${found.start} and has ${bytes} bytes left, but retention has to keep ${topic.retentionBytes}`,
  ];
}

export const short = (value: string): string => value.replace(/:x*$/, '');
