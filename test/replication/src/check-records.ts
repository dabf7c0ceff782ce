import { groupBy } from '@millrace/testing';

/**
 * The outcome of one record, as its producer knows it. The workload sends each value once, so a
 * second occurrence is a duplicate.
 */
export interface SentRecord {
  readonly value: string;
  /**
   * One producer between two unknown outcomes. The records of a session in one partition are stored
   * in the order in which they were sent.
   */
  readonly session: string;
  readonly partition: number;
  /** `unknown`: the record may or may not be on the log. `refused`: it was not written. */
  readonly outcome: 'acknowledged' | 'unknown' | 'refused';
  /** The offset of an acknowledged record. */
  readonly offset?: bigint;
}

export interface StoredRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly value: string;
}

export interface RecordHistory {
  /** The sent records, in the order of each session. */
  readonly sent: readonly SentRecord[];
  /** The records that a consumer read during the faults. */
  readonly read: readonly StoredRecord[];
  /** The whole log after everything has recovered. */
  readonly log: readonly StoredRecord[];
}

type RecordViolationKind =
  | 'lost'
  | 'twice'
  | 'moved'
  | 'refused_but_stored'
  | 'never_sent'
  | 'reordered'
  | 'read_and_gone'
  | 'hole'
  | 'acknowledged_without_quorum'
  | 'not_recovered';

export interface RecordViolation {
  readonly kind: RecordViolationKind;
  readonly subject: string;
  readonly detail: string;
}

export interface RecordCounts {
  readonly acknowledged: number;
  /** The number of records that are acknowledged and on the log. */
  readonly kept: number;
  readonly unknown: number;
  readonly unknownStored: number;
  readonly refused: number;
  readonly read: number;
}

const place = ({ partition, offset }: Pick<StoredRecord, 'partition' | 'offset'>): string =>
  `P${partition}@${offset}`;

/**
 * Checks everything that a replicated log promises its producers and consumers, whatever happened
 * to its brokers.
 */
export function checkRecords(history: RecordHistory): readonly RecordViolation[] {
  const stored = groupBy(history.log, ({ value }) => value);
  const at = new Map(history.log.map((record) => [place(record), record.value]));
  return [
    ...history.sent.flatMap((record) => faultsOf(record, stored.get(record.value) ?? [])),
    ...neverSent(history),
    ...reordered(history.sent, stored),
    ...history.read
      .filter((record) => at.get(place(record)) !== record.value)
      .map((record) => readAndGone(record, at.get(place(record)))),
    ...holes(history.log),
  ];
}

export function countRecords({ sent, read, log }: RecordHistory): RecordCounts {
  const stored = new Set(log.map(({ value }) => value));
  const of = (outcome: SentRecord['outcome']) => sent.filter((record) => record.outcome === outcome);
  const storedOf = (outcome: SentRecord['outcome']) =>
    of(outcome).filter(({ value }) => stored.has(value)).length;
  return {
    acknowledged: of('acknowledged').length,
    kept: storedOf('acknowledged'),
    unknown: of('unknown').length,
    unknownStored: storedOf('unknown'),
    refused: of('refused').length,
    read: read.length,
  };
}

function faultsOf(record: SentRecord, stored: readonly StoredRecord[]): readonly RecordViolation[] {
  const { value, outcome } = record;
  const places = stored.map(place).join(', ');
  const found = (kind: RecordViolationKind, detail: string): RecordViolation => ({
    kind,
    subject: value,
    detail,
  });
  if (stored.length > 1) return [found('twice', `it is stored at ${places}`)];
  if (outcome === 'refused')
    return stored.length === 0 ? [] : [found('refused_but_stored', `it is stored at ${places}`)];
  if (outcome === 'unknown') return [];
  const acknowledged = `P${record.partition}@${record.offset}`;
  if (stored.length === 0) return [found('lost', `it was acknowledged at ${acknowledged}`)];
  return places === acknowledged
    ? []
    : [found('moved', `it was acknowledged at ${acknowledged} but is stored at ${places}`)];
}

function neverSent({ sent, log }: RecordHistory): readonly RecordViolation[] {
  const known = new Set(sent.map(({ value }) => value));
  return log
    .filter(({ value }) => !known.has(value))
    .map((record) => ({
      kind: 'never_sent',
      subject: record.value,
      detail: `it is stored at ${place(record)}`,
    }));
}

function reordered(
  sent: readonly SentRecord[],
  stored: ReadonlyMap<string, readonly StoredRecord[]>,
): readonly RecordViolation[] {
  const runs = groupBy(sent, ({ session, partition }) => `${session} in P${partition}`);
  return [...runs].flatMap(([subject, records]) => {
    const placed = records.flatMap(({ value }) => stored.get(value)?.slice(0, 1) ?? []);
    const late = placed.find(
      (record, index) => index > 0 && record.offset < (placed[index - 1]?.offset ?? 0n),
    );
    return late === undefined
      ? []
      : [
          {
            kind: 'reordered',
            subject,
            detail: `${late.value} is stored at ${place(late)}, before its predecessor`,
          },
        ];
  });
}

const readAndGone = (record: StoredRecord, now: string | undefined): RecordViolation => ({
  kind: 'read_and_gone',
  subject: record.value,
  detail: `a consumer read it at ${place(record)}, where the log has ${now ?? 'nothing'}`,
});

/** The offsets of a partition are consecutive if it has neither transactions nor compaction. */
function holes(log: readonly StoredRecord[]): readonly RecordViolation[] {
  return [...groupBy(log, ({ partition }) => partition)].flatMap(([partition, records]) => {
    const offsets = records.map(({ offset }) => offset).sort((one, other) => Number(one - other));
    const wrong = offsets.findIndex((offset, index) => offset !== BigInt(index));
    return wrong < 0
      ? []
      : [
          {
            kind: 'hole',
            subject: `P${partition}`,
            detail: `offset ${wrong} is followed or replaced by ${offsets[wrong]}`,
          },
        ];
  });
}
