/** The form about where a group continues. */
export interface ResetForm {
  /** The name of one of the modes. */
  readonly mode: string;
  readonly value: string;
  /** One topic, or '' for every topic of the group. */
  readonly topic: string;
}

interface Mode {
  readonly title: string;
  /** A further field of the form. */
  readonly field?: { readonly label: string; readonly type: 'number' | 'datetime-local' };
  /** Parses the field. Throws for a value that makes no sense. */
  readonly valueIn?: (text: string) => object;
}

export const modes: Readonly<Record<string, Mode>> = {
  'to-earliest': { title: 'at the first record that the log still holds' },
  'to-latest': { title: 'at the end, so that everything unread is skipped' },
  'to-datetime': {
    title: 'at the first record from a time on',
    field: { label: 'Time (UTC)', type: 'datetime-local' },
    valueIn: (text) => ({ time: timeIn(text) }),
  },
  'to-offset': {
    title: 'at an offset',
    field: { label: 'Offset', type: 'number' },
    valueIn: (text) => ({ offset: numberIn(text) }),
  },
  'shift-by': {
    title: 'so many offsets further',
    field: { label: 'Offsets, negative to go back', type: 'number' },
    valueIn: (text) => ({ by: numberIn(text) }),
  },
};

/** The order as the console's backend takes it. */
export const orderOf = ({ mode, value, topic }: ResetForm): object => ({
  reset: { mode, ...modes[mode]?.valueIn?.(value) },
  topics: topic === '' ? [] : [topic],
});

function timeIn(text: string): string {
  const time = new Date(`${text}Z`);
  if (Number.isNaN(time.getTime())) throw new Error('Give a time');
  return time.toISOString();
}

function numberIn(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text.trim())) throw new Error('Give a whole number');
  return Number(text);
}

/** Returns the difference that a move makes, with its sign. */
export function deltaOf({ from, to }: { readonly from: number | null; readonly to: number }): string {
  if (from === null) return 'new';
  return to > from ? `+${to - from}` : String(to - from);
}
