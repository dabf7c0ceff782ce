import { z } from 'zod';
import { setting, type Setting, wholeNumber } from './setting.ts';
import { prefixOf } from './app-config.ts';
import { databaseUrl } from './database-config.ts';

/** These settings determine how long a saga waits for the reply to a step. */
export const sagaConfig = {
  stepTimeoutMs: setting(
    'SAGA_STEP_TIMEOUT_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 30_000 }),
    {
      meaning:
        'How long a step waits for an answer before its command is sent again. `npm start` with ' +
        'samples sets 4000.',
    },
  ),
  stepResends: setting('SAGA_STEP_RESENDS', wholeNumber({ min: 0, max: 100, byDefault: 2 }), {
    meaning:
      'How often an unanswered command is sent again before the saga gives up a step that it can ' +
      'undo (`step_timeout`). 0: it gives up at the first timeout.',
  }),
} satisfies Record<string, Setting>;

/**
 * The settings of a service's read models that follow topics. If their URL, for instance
 * `ORDER_READ_DATABASE_URL`, is not set, they are in the service's database.
 */
export const readModelConfig = (service: string) =>
  ({
    readDatabaseUrl: setting(`${prefixOf(service)}_READ_DATABASE_URL`, databaseUrl.optional(), {
      example: `postgres://millrace:secret@127.0.0.1:54329/${service}_read`,
      meaning:
        "The database of the read models that follow topics. By default they are in the service's " +
        'own database.',
    }),
    readModelDelayMs: setting('READ_MODEL_DELAY_MS', wholeNumber({ min: 0, max: 10_000, byDefault: 100 }), {
      meaning:
        'The pause after a message in these read models. What comes meanwhile shares a transaction. ' +
        '0: there is no pause. `millrace_end_to_end_duration_seconds` shows the whole delay, with ' +
        'the name of the projector as `group`.',
    }),
  }) satisfies Record<string, Setting>;

/** The settings of a service that has personal data. */
export const personalDataConfig = {
  keysDatabaseUrl: setting('KEYS_DATABASE_URL', databaseUrl, {
    example: 'postgres://millrace:secret@127.0.0.1:54328/millrace_keys',
    meaning:
      'The database of the keys that personal data is encrypted with, for services that have some. ' +
      'It belongs on another PostgreSQL than the data, so that no backup of the data holds a key.',
  }),
  lostKeysId: setting('KEYS_DATABASE_LOST', z.uuid('must be a UUID').optional(), {
    example: '0c1f5b0e-6f5e-4b8a-9a53-2d1f0f6f2a11',
    meaning:
      'The id of a database of keys that is lost for good, backups included. A service whose personal data ' +
      'were sealed with its keys then goes on with those of `KEYS_DATABASE_URL`, and cannot read what was sealed before.',
  }),
  sealing: setting('PERSONAL_DATA_SEALING', z.enum(['on', 'off'], 'must be on or off').default('on'), {
    example: 'off',
    meaning:
      'Whether personal data is encrypted before it is stored. Set it to `off` during a rolling upgrade from ' +
      'a release that cannot read encrypted data, and remove the setting when no process of it is left.',
  }),
} satisfies Record<string, Setting>;

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
