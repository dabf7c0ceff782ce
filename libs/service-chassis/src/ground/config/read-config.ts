import type { ConfigOf, SettingGroup, Setting, Settings } from './setting.ts';
import { telemetrySettings } from './telemetry-settings.ts';

/** Adds the settings of the process, such as those of telemetry, to a service's own. */
export const processSettings = <Declared extends Settings>(settings: Declared) => ({
  ...settings,
  ...telemetrySettings,
});

/**
 * Returns every problem that would keep a service with these settings from starting, one line each
 * and without the values.
 */
export function settingProblems(settings: Settings, env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(processSettings(settings), env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

/**
 * Thrown if settings are missing, wrong or contradict each other. The message has one line for each
 * problem and never shows a value that was given.
 */
export class ConfigError extends Error {
  readonly code = 'invalid_config';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads every setting at once. An empty variable counts as absent. Throws a `ConfigError` that
 * lists every problem with the variable, what is wrong and an example. It never shows a value,
 * since one of them may be a password.
 */
export function readConfig<Declared extends Settings>(
  settings: Declared,
  env: NodeJS.ProcessEnv,
): ConfigOf<Declared> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, declared] of Object.entries(settings))
    values[name] =
      'readTogether' in declared ? readGroup(declared, env, problems) : readOne(declared, env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as ConfigOf<Declared>;
}

function readOne(
  { variable, schema, example }: Setting,
  env: NodeJS.ProcessEnv,
  problems: string[],
): unknown {
  const given = env[variable]?.trim();
  const absent = given === undefined || given === '';
  const read = schema.safeParse(absent ? undefined : given);
  if (!read.success)
    problems.push(
      `${variable}: ${absent ? 'is missing' : wrong(read.error.issues)} (example: ${variable}=${example})`,
    );
  return read.data;
}

function readGroup({ readTogether }: SettingGroup, env: NodeJS.ProcessEnv, problems: string[]): unknown {
  try {
    return readTogether(env);
  } catch (error) {
    if (!(error instanceof Error) || !('problems' in error) || !Array.isArray(error.problems)) throw error;
    problems.push(...(error.problems as readonly string[]));
  }
}

const wrong = (issues: readonly { readonly message: string }[]): string =>
  [...new Set(issues.map((issue) => issue.message))].join('; ');
