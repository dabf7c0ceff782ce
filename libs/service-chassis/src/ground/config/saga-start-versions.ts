import { z } from 'zod';
import { setting, type Setting } from './setting.ts';

/** The part of a saga definition that the setting needs. */
interface SagaVersion {
  readonly name: string;
  readonly version: number;
}

const chosenMax = 100;

/**
 * `SAGA_START_VERSIONS=fulfillment=1`: the version that new instances of a saga start with. A saga
 * that is not named starts with its newest version. A saga or a version that is not among `sagas`
 * is rejected before anything starts, like any other wrong value.
 */
export const sagaStartVersions = (sagas: readonly SagaVersion[]) =>
  ({
    startVersions: setting('SAGA_START_VERSIONS', startVersionsOf(sagas), {
      example: sagas.map(({ name, version }) => `${name}=${version}`)[0] ?? '',
      meaning:
        'The versions with which new sagas start, such as `fulfillment=1`, separated by commas. A ' +
        'saga that is not named starts with its newest version.',
    }),
  }) satisfies Record<string, Setting>;

const startVersionsOf = (sagas: readonly SagaVersion[]) =>
  z
    .string()
    .default('')
    .transform((text, context): Readonly<Record<string, number>> => {
      const parts = text === '' ? [] : text.split(',').map((part) => part.trim());
      const pairs = parts.map((part) => /^([a-z][a-z0-9-]*)=([1-9]\d{0,8})$/.exec(part));
      if (parts.length > chosenMax || pairs.includes(null)) {
        context.addIssue(`must be SAGA=VERSION, up to ${chosenMax} of them separated by commas`);
        return z.NEVER;
      }
      const chosen = pairs.map((pair) => ({ name: pair?.[1] ?? '', version: Number(pair?.[2]) }));
      for (const choice of chosen) {
        const problem = problemOf(choice, chosen, sagas);
        if (problem !== undefined) context.addIssue(problem);
      }
      return Object.fromEntries(chosen.map(({ name, version }) => [name, version]));
    });

/**
 * Returns the problem with a choice. Like every problem of a setting, it shows no value that was
 * given.
 */
function problemOf(
  { name, version }: SagaVersion,
  chosen: readonly SagaVersion[],
  sagas: readonly SagaVersion[],
): string | undefined {
  const versions = sagas.filter((saga) => saga.name === name).map((saga) => saga.version);
  const names = [...new Set(sagas.map((saga) => saga.name))].join(', ');
  if (versions.length === 0) return `must name sagas of this service only: ${names}`;
  if (chosen.filter((other) => other.name === name).length > 1) return `must name ${name} once`;
  if (versions.includes(version)) return undefined;
  return (
    `must give ${name} a version that this release has (${versions.join(', ')}); for any other, ` +
    'deploy a release that has it first'
  );
}
