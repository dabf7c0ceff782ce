import type { ConfigOf, Settings } from './setting.ts';

/** The environment lacks or contradicts settings; the message has one line for each problem, and never a value that was given. */
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
 * Reads every setting at once. An empty variable counts as absent. Throws `ConfigError` that lists every problem: the variable, what
 * is wrong and an example. Values never appear in it: one of them may be a password.
 */
export function readConfig<Declared extends Settings>(settings: Declared, env: NodeJS.ProcessEnv): ConfigOf<Declared> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { variable, schema, example }] of Object.entries(settings)) {
    const given = env[variable]?.trim();
    const absent = given === undefined || given === '';
    const read = schema.safeParse(absent ? undefined : given);
    if (read.success) values[name] = read.data;
    else problems.push(`${variable}: ${absent ? 'is missing' : wrong(read.error.issues)} (example: ${variable}=${example})`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as ConfigOf<Declared>;
}

const wrong = (issues: readonly { readonly message: string }[]): string => [...new Set(issues.map((issue) => issue.message))].join('; ');
