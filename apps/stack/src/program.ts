import type { Logger } from '@millrace/streaming-core/runtime';
import { pino } from 'pino';
import { z } from 'zod';

export interface ProgramContext {
  readonly logger: Logger;
  /** Aborted by SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
}

type Shape = z.ZodRawShape;
type SettingsOf<Declared extends Shape> = z.output<z.ZodObject<Declared>>;

/**
 * Runs a program beside the services, such as the one-shot `migrate`. It reads the settings from
 * the environment, runs the program, and ends the process with 0. Any failure is one line on
 * standard error and exit code 1.
 */
export async function runProgram<Declared extends Shape>(
  name: string,
  settings: Declared,
  run: (settings: SettingsOf<Declared>, context: ProgramContext) => Promise<void>,
): Promise<never> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => stop.abort(new Error('interrupted')));
  try {
    await run(readSettings(settings, process.env), { logger: programLogger(name), signal: stop.signal });
    process.exit(0);
  } catch (error) {
    process.stderr.write(
      `${name}: ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ')}\n`,
    );
    process.exit(1);
  }
}

/**
 * Reads the settings. An empty variable counts as absent. Throws a one-line error that lists every
 * problem but no value, because one of them may be a password.
 */
export function readSettings<Declared extends Shape>(
  declared: Declared,
  environment: Readonly<Record<string, string | undefined>>,
): SettingsOf<Declared> {
  const given = Object.fromEntries(
    Object.keys(declared).map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const result = z.object(declared).safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.')} ${given[String(path[0])] ? message : 'is missing'}`,
  );
  throw new Error(`wrong settings: ${problems.join('; ')}`);
}

/** Resolves at SIGTERM or SIGINT. */
export const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Writes lines in the format of the services, so that one query reads them all. */
const programLogger = (name: string): Logger =>
  pino(
    {
      level: process.env.LOG_LEVEL?.trim() || 'info',
      base: { service: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );

export const wholePort = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port')
  .transform(Number)
  .pipe(z.number().max(65_535, 'must be a port'));

export const wholeMilliseconds = z
  .string()
  .regex(/^\d{1,7}$/, 'must be a whole number of milliseconds, at most 9999999')
  .transform(Number);
