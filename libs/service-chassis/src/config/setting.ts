import type { z } from 'zod';

/** One environment variable: how it is read, and what to show to somebody who got it wrong. */
export interface Setting<Value = unknown> {
  readonly variable: string;
  readonly schema: z.ZodType<Value>;
  /** A value that works, shown with every problem. */
  readonly example: string;
}

/** A service's settings by the name that the code uses. */
export type Settings = Readonly<Record<string, Setting>>;

/** What `readConfig` makes of them: `ConfigOf<typeof settings>`. */
export type ConfigOf<Declared extends Settings> = { readonly [Name in keyof Declared]: z.output<Declared[Name]['schema']> };

export const setting = <Value>(variable: string, schema: z.ZodType<Value>, { example }: { example: string }): Setting<Value> => ({
  variable,
  schema,
  example,
});
