/** A row with numbers for its offsets and sizes, since JSON has no bigint. They are exact up to 2^53. */
export type WithNumbers<Row> = {
  readonly [Name in keyof Row]: bigint extends Row[Name] ? number | Exclude<Row[Name], bigint> : Row[Name];
};

export const withNumbers = <Row extends object>(row: Row): WithNumbers<Row> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  ) as WithNumbers<Row>;
