import type { Normal } from './normal-form.ts';

export interface Difference {
  /** The path of a field, such as `responses[].partitions[].errorCode`. */
  readonly path: string;
  readonly ours: string;
  readonly kafkas: string;
}

const missing = 'nothing';
type Struct = { readonly [name: string]: Normal };

const isStruct = (value: Normal): value is Struct =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: Normal): value is readonly Normal[] => Array.isArray(value);

/**
 * Finds where two answers differ, down to single fields. Lists of different lengths differ as a
 * whole.
 */
export function differences(ours: Normal, kafkas: Normal, path = ''): readonly Difference[] {
  const named = byName(ours);
  const kafkasNamed = byName(kafkas);
  if (named !== undefined && kafkasNamed !== undefined)
    return inStructs(named, kafkasNamed, (name) => `${path}{${name}}`);
  if (isList(ours) && isList(kafkas) && ours.length === kafkas.length)
    return ours.flatMap((item, index) => differences(item, kafkas[index] as Normal, `${path}[]`));
  if (isStruct(ours) && isStruct(kafkas))
    return inStructs(ours, kafkas, (name) => (path === '' ? name : `${path}.${name}`));
  const a = inWords(ours);
  const b = inWords(kafkas);
  return a === b ? [] : [{ path, ours: a, kafkas: b }];
}

const inStructs = (ours: Struct, kafkas: Struct, pathOf: (name: string) => string): readonly Difference[] =>
  [...new Set([...Object.keys(ours), ...Object.keys(kafkas)])].flatMap((name) =>
    differences(ours[name] ?? null, kafkas[name] ?? null, pathOf(name)),
  );

/**
 * Treats a list of configs, features or versions as a table, so that an entry that one engine lacks
 * is one difference.
 */
function byName(list: Normal): Struct | undefined {
  if (!isList(list) || list.length === 0) return undefined;
  const entries = list.map((item): readonly [string, Normal] => {
    const { name, apiKey, partitions } = isStruct(item) ? item : {};
    return [partitions === undefined ? String(name ?? apiKey ?? '') : '', item];
  });
  const names = new Set(entries.map(([name]) => name));
  return names.size === entries.length && !names.has('') ? Object.fromEntries(entries) : undefined;
}

const wordsMax = 200;

function inWords(value: Normal): string {
  const text = value === null ? missing : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > wordsMax ? `${text.slice(0, wordsMax)}... (${text.length})` : text;
}
