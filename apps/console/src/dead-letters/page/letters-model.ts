import type { Decided, Outcome, Reason } from '../../api/dead-letters.ts';
import { count } from '../../kit/words.ts';

export type Decision = 'redrive' | 'discard';

/** The fields of the filter, as the address and the console's backend name them. */
export const filterFields = ['service', 'topic', 'type', 'code', 'key'] as const;
export type LetterFilter = { readonly [Name in (typeof filterFields)[number]]?: string };

/** The fields that are given. */
export const filterIn = (queryOf: (name: string) => string): LetterFilter =>
  Object.fromEntries(filterFields.map((name) => [name, queryOf(name)]).filter(([, text]) => text !== ''));

/** Whether the filter shows exactly the letters of a reason. */
export const isChosen = (reason: Reason, filter: LetterFilter): boolean =>
  filter.key === undefined &&
  (['service', 'topic', 'type', 'code'] as const).every((name) => filter[name] === reason[name]);

/** A part of a value that an operator has changed. Undefined stands for a part that is not there. */
export interface Change {
  /** Such as `lines[0].quantity`; empty for the whole value. */
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

/** The value of a letter as data, or its text if it is no JSON. */
export function dataOf(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

export type Edit =
  | { readonly changes: readonly Change[]; readonly value: object; readonly problem?: undefined }
  | { readonly problem: string };

/** Reads what an operator has typed instead of a letter's value. */
export function editOf(
  typed: string,
  letter: { readonly value: string | null; readonly type: string },
): Edit {
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch (error) {
    return { problem: `This is not JSON: ${(error as Error).message}` };
  }
  if (!isObject(value) || Array.isArray(value)) return { problem: 'The value must be a JSON object' };
  if (value['type'] !== letter.type) return { problem: `The field type must stay "${letter.type}"` };
  const changes = changesOf(dataOf(letter.value), value);
  return changes.length === 0 ? { problem: 'Nothing is changed yet' } : { value, changes };
}

const refusals: Readonly<Record<Exclude<Outcome, 'redriven' | 'discarded'>, string>> = {
  decided_before: 'somebody has decided about it already',
  redriven_too_often: 'it has been redriven as often as it may',
  incomplete: 'its key, a header or its value was too large to be kept',
  erased: 'its personal data was erased',
  key_missing: 'the key of its personal data was lost: restore the backup of the keys',
  unknown_dead_letter: 'its service does not have it any more',
};

/** Why letters were refused or would be, one sentence for each kind. */
export const refusedIn = ({ outcomes }: Decided): readonly string[] =>
  outcomes.flatMap(({ outcome, letters }) =>
    outcome === 'redriven' || outcome === 'discarded'
      ? []
      : [`${lettersInWords(letters)}: ${refusals[outcome]}`],
  );

const lettersInWords = (letters: number): string =>
  `${count(letters)} ${letters === 1 ? 'letter' : 'letters'}`;

/** How many letters are decided as asked. */
export const decidedIn = ({ outcomes }: Decided): number =>
  outcomes.find(({ outcome }) => outcome === 'redriven' || outcome === 'discarded')?.letters ?? 0;

/** Says what a dry run has found. */
export function foreseen(decided: Decided, decision: Decision): string {
  const letters = decidedIn(decided);
  const act = decision === 'redrive' ? 'is sent again' : 'is given up for good';
  const acts = decision === 'redrive' ? 'are sent again' : 'are given up for good';
  const rest = decided.more ? ' and further ones that the dry run has not looked at' : '';
  if (letters === 0)
    return decided.more ? 'The dry run has not found an open letter yet' : 'No letter changes';
  return `${lettersInWords(letters)}${rest} ${letters === 1 && !decided.more ? act : acts}`;
}
