import type { ArgumentDefinition, OptionDefinition } from '../command/command.ts';
import { UsageError } from '../command/failures.ts';
import type { GivenOptions } from '../command/given-options.ts';

export const streamArgument: ArgumentDefinition = {
  name: '<stream>',
  meaning: 'name of the stream, such as order-ID or stock-SKU',
};

export const asOfOptions: readonly OptionDefinition[] = [
  { flags: '--version <number>', meaning: 'as of this version (default: now)' },
  { flags: '--at <time>', meaning: 'as of this moment, such as 2026-11-22T09:00:00Z' },
];

/** Reads `asOfOptions` as the query of the operator API. */
export function versionOrMoment(options: GivenOptions) {
  const version = options.count('version', 1)?.toString();
  const at = options.text('at');
  if (version !== undefined && at !== undefined) throw new UsageError('give --version or --at, not both');
  return { version, at };
}
