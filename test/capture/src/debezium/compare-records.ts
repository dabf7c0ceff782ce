import { leftOutFields, roundedFields } from './left-out-fields.ts';

/** A record as it stands on the log. */
export interface SeenRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

export interface ComparedTopic {
  readonly topic: string;
  readonly records: number;
  /** Each difference with its record and its path. */
  readonly differences: readonly string[];
}

/** Compares the records of each topic in their order. The first names the sides in the differences. */
export function compareRecords(
  ours: readonly SeenRecord[],
  theirs: readonly SeenRecord[],
): readonly ComparedTopic[] {
  const topics = [...new Set([...theirs, ...ours].map(({ topic }) => topic))].sort();
  return topics.map((topic) => {
    const of = (all: readonly SeenRecord[]) => all.filter((record) => record.topic === topic).map(comparable);
    const here = of(ours);
    const there = of(theirs);
    const differences =
      here.length === there.length
        ? []
        : [`${topic}: ${there.length} records of Debezium, ${here.length} here`];
    for (let index = 0; index < Math.min(here.length, there.length); index += 1)
      differences.push(...differencesOf(here[index], there[index], `${topic}[${index}]`));
    return { topic, records: there.length, differences };
  });
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

const comparable = ({ key, value, headers }: SeenRecord): Json => ({
  key: key === null ? null : exactly(key),
  value: value === null ? null : withoutLeftOut(exactly(value)),
  headers,
});

/** Parses JSON with its integers as texts, because some are too large for JavaScript. */
const exactly = (text: string): Json =>
  JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value,
  ) as Json;

interface Envelope {
  readonly payload: { readonly source?: { readonly snapshot?: string } };
}

function withoutLeftOut(value: Json): Json {
  const envelope = value as unknown as Envelope;
  const isSnapshot = envelope.payload.source?.snapshot !== 'false';
  const payload = leftOutFields
    .filter(({ ofSnapshot }) => ofSnapshot === undefined || isSnapshot)
    .reduce((left, { field }) => without(left, field.split('.')), envelope.payload as Json);
  return { ...(value as { readonly [field: string]: Json }), payload };
}

function without(value: Json, [first = '', ...rest]: readonly string[]): Json {
  if (value === null || typeof value !== 'object' || !(first in value)) return value;
  const { [first]: found = null, ...others } = value as { readonly [field: string]: Json };
  return rest.length === 0 ? others : { ...others, [first]: without(found, rest) };
}

function differencesOf(here: Json | undefined, there: Json | undefined, path: string): readonly string[] {
  if (here === there || areSameNumber(here, there, path)) return [];
  if (!isObject(here) || !isObject(there) || Array.isArray(here) !== Array.isArray(there))
    return [`${path}: ${short(there)} of Debezium, ${short(here)} here`];
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])];
  return names.flatMap((name) => differencesOf(here[name], there[name], `${path}.${name}`));
}

/** A float that is whole may be written with or without an exponent. */
function areSameNumber(here: Json | undefined, there: Json | undefined, path: string): boolean {
  if (!isNumeric(here) || !isNumeric(there)) return false;
  const tolerated = roundedFields.find(({ field }) => path.endsWith(`.${field}`));
  if (tolerated !== undefined) return tolerated.areEqual(Number(here), Number(there));
  return (typeof here === 'number' || typeof there === 'number') && Number(here) === Number(there);
}

const isNumeric = (value: Json | undefined): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value));

const isObject = (value: Json | undefined): value is { readonly [field: string]: Json } =>
  typeof value === 'object' && value !== null;

const short = (value: Json | undefined): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);
