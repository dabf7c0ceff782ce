import type { LogAnomaly, LogAnomalyKind, LogHistory, Poll, PolledRecord, Send } from './log-history.ts';
import { groupBy } from '@millrace/testing';
import { knownOffsets, partitionOf, type KnownOffsets } from './known-offsets.ts';
import { pollAnomalies } from './poll-anomalies.ts';

/**
 * Checks everything that a partitioned log promises its producers and consumers, whatever happened
 * to its broker meanwhile.
 */
export function checkLogHistory(history: LogHistory): readonly LogAnomaly[] {
  const seen = history.polls.flatMap(({ records }) => records);
  const known = knownOffsets(seen);
  const places = new Map<string, Set<string>>();
  for (const record of seen)
    places.set(record.value, (places.get(record.value) ?? new Set()).add(placeOf(record)));
  return [
    ...history.sends.flatMap((send) => sendAnomalies(send, places.get(send.value) ?? new Set(), known)),
    ...tornTransactions(history.sends, places),
    ...nonmonotonicSends(history.sends, seen),
    ...inconsistentOffsets(known),
    ...neverSent(history.sends, seen),
    ...pollAnomalies(history.polls, known),
  ];
}

const placeOf = (record: PolledRecord): string => `${partitionOf(record)}@${record.offset}`;

const anomaly = (kind: LogAnomalyKind, subject: string, detail: string): LogAnomaly => ({
  kind,
  subject,
  detail,
});

function sendAnomalies(send: Send, places: ReadonlySet<string>, known: KnownOffsets): readonly LogAnomaly[] {
  const { value, outcome, offset } = send;
  const found = [...places].join(', ');
  if (places.size > 1) return [anomaly('duplicate', value, `it was seen at ${found}`)];
  if (outcome === 'failed')
    return places.size === 0
      ? []
      : [anomaly('aborted-read', value, `its send failed, but it was seen at ${found}`)];
  if (outcome === 'unknown') return [];
  const promised = `${partitionOf(send)}@${offset}`;
  if (places.size === 1)
    return offset === undefined || found === promised
      ? []
      : [anomaly('moved', value, `acknowledged at ${promised}, seen at ${found}`)];
  const beyond = [...(known.get(partitionOf(send))?.keys() ?? [])].some((each) => each > (offset ?? 0n));
  return [
    anomaly(
      beyond ? 'lost-write' : 'unseen',
      value,
      `acknowledged at ${promised}${beyond ? ', and records beyond it were seen' : ''}`,
    ),
  ];
}

/** If one record of a transaction is seen, all must be, whatever outcome the producer got. */
function tornTransactions(
  sends: readonly Send[],
  places: ReadonlyMap<string, ReadonlySet<string>>,
): readonly LogAnomaly[] {
  const transactions = groupBy(
    sends.filter(({ transaction }) => transaction !== undefined),
    ({ transaction }) => transaction ?? '',
  );
  return [...transactions].flatMap(([name, parts]) => {
    const missing = parts.filter(({ value }) => !places.has(value)).map(({ value }) => value);
    return missing.length === 0 || missing.length === parts.length
      ? []
      : [anomaly('torn-transaction', name, `${missing.join(', ')} of ${parts.length} records are missing`)];
  });
}

function nonmonotonicSends(sends: readonly Send[], seen: readonly PolledRecord[]): readonly LogAnomaly[] {
  const offsets = new Map(seen.map(({ value, offset }) => [value, offset]));
  const sessions = groupBy(sends, (send) => `${send.session} in ${partitionOf(send)}`);
  return [...sessions].flatMap(([session, sent]) => {
    const placed = sent.flatMap(({ value, offset = offsets.get(value) }) =>
      offset === undefined ? [] : [{ value, offset }],
    );
    const late = placed.find(
      ({ offset }, index) => index > 0 && offset <= (placed[index - 1]?.offset ?? -1n),
    );
    return late === undefined
      ? []
      : [
          anomaly(
            'nonmonotonic-send',
            session,
            `${late.value} is at ${late.offset}, not after the one before it`,
          ),
        ];
  });
}

function inconsistentOffsets(known: KnownOffsets): readonly LogAnomaly[] {
  return [...known].flatMap(([partition, offsets]) =>
    [...offsets]
      .filter(([, values]) => values.size > 1)
      .map(([offset, values]) =>
        anomaly('inconsistent-offsets', `${partition}@${offset}`, [...values].join(', ')),
      ),
  );
}

function neverSent(sends: readonly Send[], seen: readonly PolledRecord[]): readonly LogAnomaly[] {
  const sent = new Set(sends.map(({ value }) => value));
  return seen
    .filter(({ value }) => !sent.has(value))
    .map((record) => anomaly('never-sent', record.value, `it was seen at ${placeOf(record)}`));
}

export interface HistoryCounts {
  readonly acknowledged: number;
  readonly unknown: number;
  readonly failed: number;
  readonly polled: number;
  /** The number of records with an unknown outcome that are on the log. */
  readonly unknownStored: number;
}

export function countHistory({ sends, polls }: LogHistory): HistoryCounts {
  const seen = new Set(polls.flatMap(({ records }) => records.map(({ value }) => value)));
  const of = (outcome: Send['outcome']) => sends.filter((send) => send.outcome === outcome);
  return {
    acknowledged: of('acknowledged').length,
    unknown: of('unknown').length,
    failed: of('failed').length,
    polled: polls.reduce((sum: number, { records }: Poll) => sum + records.length, 0),
    unknownStored: of('unknown').filter(({ value }) => seen.has(value)).length,
  };
}
