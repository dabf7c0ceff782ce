import type { Call } from '../command/command.ts';
import { UsageError } from '../command/failures.ts';

export interface NamedUrls {
  /** A repeatable option whose values are `NAME=URL`. */
  readonly option: string;
  /** The variable that has them without the option, separated by commas. */
  readonly variable: string;
  readonly example: string;
}

/** Returns the pairs that the call names. A URL loses its last slash. */
export function namedUrls(
  { options, session }: Pick<Call, 'options' | 'session'>,
  { option, variable, example }: NamedUrls,
): ReadonlyArray<readonly [name: string, url: string]> {
  const given = options.list(option);
  const texts = given.length > 0 ? given : (session.environment[variable] ?? '').split(',');
  const source = given.length > 0 ? `--${option}` : variable;
  return texts
    .map((text) => text.trim())
    .filter(Boolean)
    .map((text) => {
      const [, name, url] = /^([a-z][a-z0-9-]*)=(https?:\/\/\S+?)\/?$/.exec(text) ?? [];
      if (name !== undefined && url !== undefined) return [name, url];
      throw new UsageError(`${source} ${text}: give NAME=URL, such as ${example}`);
    });
}
