import type { Call } from '../command/command.ts';
import { UsageError } from '../command/failures.ts';

/** Returns the pairs of a repeatable option whose values are `NAME=URL`. A URL loses its last slash. */
export const namedUrls = (
  { options }: Pick<Call, 'options'>,
  option: string,
  example: string,
): ReadonlyArray<readonly [name: string, url: string]> =>
  options.list(option).map((text) => {
    const [, name, url] = /^([a-z][a-z0-9-]*)=(https?:\/\/\S+?)\/?$/.exec(text) ?? [];
    if (name !== undefined && url !== undefined) return [name, url];
    throw new UsageError(`--${option} ${text}: give NAME=URL, such as ${example}`);
  });
