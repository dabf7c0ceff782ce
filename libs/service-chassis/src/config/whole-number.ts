import { z } from 'zod';

/** A setting that is a whole number within bounds; each message says which bound was missed. */
export const wholeNumber = ({
  min,
  max,
  byDefault,
}: {
  readonly min: number;
  readonly max: number;
  readonly byDefault: number;
}) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(byDefault);
