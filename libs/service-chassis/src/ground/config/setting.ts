import { z } from 'zod';

/** One environment variable: how to read it, and what a person needs to know about it. */
export interface Setting<Value = unknown> {
  readonly variable: string;
  readonly schema: z.ZodType<Value>;
  /** A value that works. Every problem shows it. */
  readonly example: string;
  /** Says on the page of settings what the variable determines, in whole sentences. */
  readonly meaning: string;
}

/** Variables that only make sense together. */
export interface SettingGroup<Value = unknown> {
  /** Throws an error with `problems`: one line each, beginning with the variable. */
  readonly readTogether: (environment: NodeJS.ProcessEnv) => Value;
}

/** A service's settings, keyed by the name that the code uses. */
export type Settings = Readonly<Record<string, Setting | SettingGroup>>;

/** The values that `readConfig` returns for these settings, as in `ConfigOf<typeof settings>`. */
export type ConfigOf<Declared extends Settings> = {
  readonly [Name in keyof Declared]: ValueOf<Declared[Name]>;
};

type ValueOf<Declared> = Declared extends Setting
  ? z.output<Declared['schema']>
  : Declared extends SettingGroup<infer Value>
    ? Value
    : never;

/**
 * Declares one environment variable: how it is read, and what the page of settings says about it.
 * Without an example, the setting has a default, which is shown instead. A program with a wrong
 * value does not start, and says which variable is wrong and what would work. Throws a `ZodError`
 * if it has neither an example nor a default.
 *
 * @example
 * ```ts
 * import { setting, wholeNumber, type Settings } from '@millrace/service-chassis/config';
 *
 * export const own = {
 *   roomsMax: setting('ROOMS_MAX', wholeNumber({ min: 1, max: 1_000, byDefault: 100 }), {
 *     meaning: 'The number of rooms that a guest may book.',
 *   }),
 * } satisfies Settings;
 * ```
 */
export const setting = <Value>(
  variable: string,
  schema: z.ZodType<Value>,
  {
    example = String(schema.parse(undefined)),
    meaning,
  }: Pick<Setting, 'meaning'> & { readonly example?: string },
): Setting<Value> => ({
  variable,
  schema,
  example,
  meaning,
});

/** A setting that is a whole number within bounds. Each message says which bound was missed. */
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
