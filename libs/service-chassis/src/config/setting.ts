import { z } from 'zod';

/** One environment variable: how it is read, and what to show to somebody who got it wrong. */
export interface Setting<Value = unknown> {
  readonly variable: string;
  readonly schema: z.ZodType<Value>;
  /** A value that works, shown with every problem. */
  readonly example: string;
}

/** Variables that have a meaning only together. */
export interface SettingGroup<Value = unknown> {
  /** Throws an error with `problems`, a line for each that begins with its variable. */
  readonly readTogether: (environment: NodeJS.ProcessEnv) => Value;
}

/** A service's settings by the name that the code uses. */
export type Settings = Readonly<Record<string, Setting | SettingGroup>>;

/** What `readConfig` makes of them: `ConfigOf<typeof settings>`. */
export type ConfigOf<Declared extends Settings> = {
  readonly [Name in keyof Declared]: ValueOf<Declared[Name]>;
};

type ValueOf<Declared> = Declared extends Setting
  ? z.output<Declared['schema']>
  : Declared extends SettingGroup<infer Value>
    ? Value
    : never;

export const setting = <Value>(
  variable: string,
  schema: z.ZodType<Value>,
  { example }: { example: string },
): Setting<Value> => ({
  variable,
  schema,
  example,
});

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
