import type { Outcome, WrittenRecord } from './outcome.ts';

/** The first place where two runs of one script differ. */
export interface Difference {
  /** The number of the step, from 0. */
  readonly step: number;
  /** A topic with the number of the record within the step, `dropped records`, or `error`. */
  readonly place: string;
  readonly javas: string;
  readonly ours: string;
}

const nothing = 'nothing';

/** Returns undefined if Java and we wrote the same records at the same steps. */
export function firstDifference(javas: readonly Outcome[], ours: readonly Outcome[]): Difference | undefined {
  for (let step = 0; step < Math.max(javas.length, ours.length); step += 1) {
    const java = javas[step];
    const our = ours[step];
    if (java === undefined || our === undefined)
      return { step, place: 'step', javas: played(java), ours: played(our) };
    const found = withinStep(java, our);
    if (found !== undefined) return { step, ...found };
  }
  return undefined;
}

const played = (outcome: Outcome | undefined): string => (outcome === undefined ? 'not played' : 'played');

type Found = Omit<Difference, 'step'>;

function withinStep(java: Outcome, our: Outcome): Found | undefined {
  if ((java.error === undefined) !== (our.error === undefined))
    return { place: 'error', javas: java.error ?? nothing, ours: our.error ?? nothing };
  // Records that were written before an error disappear when the transaction is aborted.
  if (java.error !== undefined) return undefined;
  const topics = [...new Set([...Object.keys(java.records), ...Object.keys(our.records)])].sort(outputsFirst);
  for (const topic of topics) {
    const found = withinTopic(topic, inOrder(topic, java), inOrder(topic, our));
    if (found !== undefined) return found;
  }
  return java.dropped === our.dropped
    ? undefined
    : { place: 'dropped records', javas: String(java.dropped), ours: String(our.dropped) };
}

/**
 * Java writes the buffer of `suppress` in the order of a hash set, each key once per commit. Since
 * a changelog is compacted, the order of its keys means nothing.
 */
const isSuppressBuffer = (topic: string): boolean => /suppress.*-changelog$/i.test(topic);

function inOrder(topic: string, { records }: Outcome): readonly WrittenRecord[] {
  const written = records[topic] ?? [];
  return isSuppressBuffer(topic) ? written.toSorted(byKey) : written;
}

const byKey = ({ key: one }: WrittenRecord, { key: other }: WrittenRecord): number =>
  Buffer.compare(Buffer.from(one ?? ''), Buffer.from(other ?? ''));

const isInternal = (topic: string): boolean => /-(changelog|repartition|topic)$/.test(topic);

const outputsFirst = (one: string, other: string): number =>
  Number(isInternal(one)) - Number(isInternal(other)) || (one < other ? -1 : 1);

function withinTopic(
  topic: string,
  javas: readonly WrittenRecord[],
  ours: readonly WrittenRecord[],
): Found | undefined {
  for (let index = 0; index < Math.max(javas.length, ours.length); index += 1) {
    const java = inWords(javas[index]);
    const our = inWords(ours[index]);
    if (java !== our) return { place: `${topic}[${index}]`, javas: java, ours: our };
  }
  return undefined;
}

export function inWords(record: WrittenRecord | undefined): string {
  if (record === undefined) return nothing;
  const headers = record.headers.map(([name, value]) => `${name}=${value ?? 'null'}`).join(' ');
  return `${readable(record.key)} -> ${readable(record.value)} at ${record.timestampMs} [${headers}]`;
}

/** Hexadecimal, with the text if all of it is printable. */
function readable(hex: string | null): string {
  if (hex === null) return 'null';
  const text = Buffer.from(hex, 'hex').toString('latin1');
  return /^[ -~]*$/.test(text) ? `${hex} "${text}"` : hex;
}
