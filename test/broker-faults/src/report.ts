/** The result of a run: the rows of its report, and the problems that it found. */
export interface FaultsFound {
  readonly rows: readonly FaultsRow[];
  readonly problems: readonly string[];
}

export interface FaultsReport extends FaultsFound {
  readonly run: string;
  readonly seed: number;
  readonly seconds: number;
}

export interface FaultsRow {
  readonly what: string;
  readonly tried: number;
  readonly violations: number;
  readonly note: string;
}

export const inWords = ({ run, seed, seconds, rows, problems }: FaultsReport): string =>
  [
    ...rows.map(
      ({ what, tried, violations, note }) =>
        `${what}: ${tried} tried, ${violations} violations${note === '' ? '' : `; ${note}`}`,
    ),
    ...problems.slice(0, 20).map((problem) => `VIOLATION ${problem}`),
    `${run}: ${problems.length} violations, seed ${seed}, ${seconds} s`,
  ].join('\n');
