import { claimLogCluster } from '@millrace/streaming-core/consumer';
import type { Logger } from '@millrace/streaming-core/runtime';
import { migrate } from '@millrace/streaming-core/postgres';
import type { StackDefinition } from '../define-stack.ts';
import { prepareKeys } from '../keys/prepare-keys.ts';
import { createDatabases, existingDatabases, withDatabase } from './databases.ts';
import { createTopics, describeCluster, type LogTarget } from './log.ts';
import { refuseForeignData } from './own-cluster.ts';
import { databasesOf, type DatabasePlaces, type ServiceDatabase } from './service-databases.ts';

export interface SetupTarget extends DatabasePlaces {
  readonly log: LogTarget;
  /** The database of the keys. */
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
  const topicsReady = inStep('the topics', createTopics(log, brokers, logger));
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
