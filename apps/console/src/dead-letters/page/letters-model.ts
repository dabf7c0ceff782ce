import type { LetterView } from '@millrace/operations/contract';
import type { Outcome, Reason } from '../../api/dead-letters.ts';
import { many } from '../../kit/words.ts';

/** The fields of the filter, as the address and the console's backend name them. */
const filterFields = ['service', 'topic', 'type', 'code', 'key'] as const;
export type LetterFilter = { readonly [Name in (typeof filterFields)[number]]?: string };

export const noFilter = Object.fromEntries(filterFields.map((name) => [name, '']));

/** Returns the fields that the address has. */
export const filterIn = (queryOf: (name: string) => string): LetterFilter =>
  Object.fromEntries(filterFields.map((name) => [name, queryOf(name)]).filter(([, text]) => text !== ''));

/** Whether the filter shows exactly the letters of a reason. */
export const isChosen = (reason: Reason, filter: LetterFilter): boolean =>
  filter.key === undefined &&
  (['service', 'topic', 'type', 'code'] as const).every((name) => filter[name] === reason[name]);

/** A part of a value that an operator has changed. Undefined stands for an absent part. */
export interface Change {
  /** The path, such as `lines[0].quantity`. Empty for the whole value. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Returns where two JSON values differ. */
export function changesOf(before: unknown, after: unknown, path = ''): readonly Change[] {
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const pathTo = (name: string) =>
    Array.isArray(before) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
  return names.flatMap((name) => changesOf(before[name], after[name], pathTo(name)));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Returns the value of a letter as data, or its text if it is not JSON. */
export function dataOf(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

/** An edited value with its changes, or the reason why it cannot be sent. */
interface Edit {
  readonly value?: object;
  readonly changes?: readonly Change[];
  readonly problem?: string;
}

/** Reads what an operator has typed instead of a letter's value. */
export function editOf(typed: string, letter: Pick<LetterView, 'value' | 'type'>): Edit {
  const value = dataOf(typed);
  if (!isObject(value) || Array.isArray(value)) return { problem: 'This is not a JSON object' };
  if (value['type'] !== letter.type) return { problem: `The field type must stay "${letter.type}"` };
  const changes = changesOf(dataOf(letter.value), value);
  return changes.length === 0 ? { problem: 'Nothing is changed yet' } : { value, changes };
}

const outcomes: Readonly<Record<Outcome['outcome'], string>> = {
  redriven: 'sent again',
  discarded: 'given up for good',
  decided_before: 'refused, because somebody has decided already',
  redriven_too_often: 'refused, because it has been redriven as often as it may',
  incomplete: 'refused, because a key, header or value was too large to be kept',
  erased: 'refused, because its personal data was erased',
  key_missing: 'refused, because the key of its personal data was lost: restore the backup of the keys',
  unknown_dead_letter: 'refused, because the service does not have it any more',
};

export const isRefused = ({ outcome }: Outcome): boolean => outcome !== 'redriven' && outcome !== 'discarded';

export const inWords = ({ outcome, letters }: Outcome): string =>
  `${many(letters, 'letter')}: ${outcomes[outcome]}`;
