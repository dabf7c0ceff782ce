import { z } from 'zod';
import { setting, type Setting } from './setting.ts';

/** A saga definition, as far as its setting has to know it. */
interface SagaVersion {
  readonly name: string;
  readonly version: number;
}

const chosenMax = 100;

/**
 * `SAGA_START_VERSIONS=fulfillment=1`: the version that new instances of a saga start with; the newest of a saga that is not named. A
 * saga or a version that is not among `sagas` is refused like any other wrong value, before anything starts.
 */
export const sagaStartVersions = (sagas: readonly SagaVersion[]) =>
  ({
    startVersions: setting('SAGA_START_VERSIONS', startVersionsOf(sagas), {
      example: sagas.map(({ name, version }) => `${name}=${version}`)[0] ?? '',
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

/** Shows no value that was given, as every problem of a setting. */
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
  return `must give ${name} a version that this release has: ${versions.join(', ')}; deploy a release that has the other one first`;
}
