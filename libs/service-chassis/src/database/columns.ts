import type { ValueTransformer } from 'typeorm';

/** A `bigint` column as a number, for amounts, counts and versions below 2^53: the driver gives it as text. Refuses one that would lose digits. */
export const safeInteger: ValueTransformer = {
  to: (value: unknown) => value,
  from(value: string | null) {
    if (value === null) return null;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond the safe integers`);
    return number;
  },
};
