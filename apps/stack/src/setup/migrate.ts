import { claimLogCluster, logClusterOf, refuseForeignCluster } from '@millrace/streaming-core/consumer';
import type { Logger } from '@millrace/streaming-core/runtime';
import { migrate } from '@millrace/streaming-core/postgres';
import { personalDataMigrations } from '@millrace/personal-data';
import type { StackDefinition } from '../definition/define-stack.ts';
import { createDatabases, existingDatabases, withDatabase } from './databases.ts';
import { createTopics, describeCluster, type LogTarget, writtenTopics } from './log.ts';
import { databasesOf, type DatabaseSources, type ServiceDatabase } from './service-databases.ts';

interface SetupTarget extends DatabaseSources {
  readonly log: LogTarget;
  readonly keysUrl: string;
  /** The remedies that error messages name. By default, those that help under `npm start`. */
  readonly remedies?: SetupRemedies;
}

interface SetupRemedies {
  /** The remedy if a step failed. */
  readonly failure: string;
  /** The remedy if the databases belong to another log. */
  readonly foreignData: string;
}

const underNpmStart: SetupRemedies = {
  failure: 'Fix that, or start over with --fresh',
  foreignData:
    'With npm start: use the same log as before (with or without --kafka), ' +
    'set MILLRACE_DATA to another folder, or start over with --fresh',
};

/**
 * The one-shot setup step. It creates the databases, runs each service's migrations and creates the
 * topics. Running it again changes nothing. It refuses data that belong to another cluster before
 * it creates anything.
 */
export async function setUp(
  { services }: StackDefinition,
  target: SetupTarget,
  logger: Logger,
): Promise<void> {
  const { log, remedies = underNpmStart } = target;
  const inStep = <Result>(what: string, step: Promise<Result>) =>
    explained(step, (why) => `${what} could not be prepared: ${why}. ${remedies.failure}`);
  const onOwnData = (step: Promise<void>) => explained(step, (why) => `${why}. ${remedies.foreignData}`);
  const databases = withoutTwins(Object.values(services).flatMap((service) => databasesOf(service, target)));
  const urls = databases.map(({ url }) => url);
  const [existing, { clusterId, brokers }] = await Promise.all([
    inStep('the databases', existingDatabases(urls)),
    inStep('the topics', describeCluster(log, logger)),
  ]);
  await onOwnData(refuseForeignData({ databases: existing, log, clusterId }, logger));

  const keysReady = inStep('the database of the keys', prepareKeys(target.keysUrl, logger));
  const ownTopics = Object.values(services).flatMap(({ topics = [] }) => topics);
  const topicsReady = inStep('the topics', createTopics(ownTopics, log, { brokers: brokers.length, logger }));
  const databasesReady = inStep(
    'the databases',
    createDatabases(urls.filter((url) => !existing.includes(url))),
  );
  const prepare = ({ name, url, folders }: ServiceDatabase) =>
    withDatabase(url, async (database) => {
      await inStep(`the tables of ${name}`, migrate(database, folders, { logger }));
      await onOwnData(claimLogCluster(database, clusterId));
    });
  await Promise.all([
    keysReady,
    topicsReady,
    databasesReady,
    ...databases.map((database) => databasesReady.then(() => prepare(database))),
  ]);
}

/** Several services of one app share its database. */
const withoutTwins = (databases: readonly ServiceDatabase[]): readonly ServiceDatabase[] => [
  ...new Map(databases.map((database) => [database.url, database])).values(),
];

async function explained<Result>(step: Promise<Result>, inWords: (why: string) => string): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    const [why = ''] = (error as Error).message.split('\n', 1);
    throw new Error(inWords(why), { cause: error });
  }
}

/** Creates the database of the keys and its tables. Running it again changes nothing. */
async function prepareKeys(keysUrl: string, logger: Logger): Promise<void> {
  if ((await existingDatabases([keysUrl])).length === 0) await createDatabases([keysUrl]);
  const tables = { library: 'personal-data', folder: personalDataMigrations };
  await withDatabase(keysUrl, (database) => migrate(database, [tables], { logger }));
}

interface DataOfBefore {
  /** The URLs of the databases that already exist. */
  readonly databases: readonly string[];
  readonly log: LogTarget;
  readonly clusterId: string;
}

/**
 * Makes sure that databases and log belong together before anything is touched. Throws a one-line
 * error if a database belongs to another cluster, or if all databases are new and the log is not,
 * since the services would take the messages of others for their own.
 */
async function refuseForeignData({ databases, log, clusterId }: DataOfBefore, logger: Logger): Promise<void> {
  for (const url of databases) {
    const own = await withDatabase(url, logClusterOf);
    refuseForeignCluster(own, clusterId, `database ${new URL(url).pathname.slice(1)}`);
  }
  const written = databases.length === 0 ? await writtenTopics(log, logger) : [];
  if (written.length > 0)
    throw new Error(
      `the databases are new, but the log already has records (${written.join(', ')}): ` +
        'use the databases that belong to it, or delete these topics',
    );
}
