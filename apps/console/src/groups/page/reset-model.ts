/** Where a group shall go on, by what the form has. */
export interface ResetForm {
  readonly mode: keyof typeof modes;
  readonly value: string;
  /** One topic, or '' for every topic of the group. */
  readonly topic: string;
}

export const modes = {
  'to-earliest': { title: 'at the first record that the log still holds', field: undefined },
  'to-latest': { title: 'at the end, so that everything unread is skipped', field: undefined },
  'to-datetime': { title: 'at the first record from a time on', field: 'Time (UTC)' },
  'to-offset': { title: 'at an offset', field: 'Offset' },
  'shift-by': { title: 'so many offsets further', field: 'Offsets, negative to go back' },
} as const;

/** The order as the console's backend takes it. Throws for a value that makes no sense. */
export function orderOf({ mode, value, topic }: ResetForm): object {
  return { reset: { mode, ...fieldOf(mode, value) }, topics: topic === '' ? [] : [topic] };
}

function fieldOf(mode: ResetForm['mode'], value: string): object {
  switch (mode) {
    case 'to-datetime': {
      const time = new Date(`${value}Z`);
      if (Number.isNaN(time.getTime())) throw new Error('Give a time');
      return { time: time.toISOString() };
    }
    case 'to-offset':
      return { offset: wholeNumber(value) };
    case 'shift-by':
      return { by: wholeNumber(value) };
    default:
      return {};
  }
}

function wholeNumber(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text.trim())) throw new Error('Give a whole number');
  return Number(text);
}

/** The difference that a move makes, with its sign. */
export const deltaOf = ({ from, to }: { readonly from: number | null; readonly to: number }): string => {
  if (from === null) return 'new';
  return to > from ? `+${to - from}` : String(to - from);
};
