import { claimLogCluster } from '@millrace/streaming-core/consumer';
import type { Logger } from '@millrace/streaming-core/contract';
import type { StackDefinition } from '../define-stack.ts';
import { createDatabases, existingDatabases, migrateService, withDatabase } from './databases.ts';
import { createTopics, describeCluster, type LogTarget } from './log.ts';
import { refuseForeignData } from './own-cluster.ts';

export interface SetupTarget {
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  readonly log: LogTarget;
  readonly workspace: string;
  /** What to do when a step fails, for whoever reads the message; where it is not given, what helps under `npm start`. */
  readonly remedies?: SetupRemedies;
}

export interface SetupRemedies {
  /** A step failed. */
  readonly failure: string;
  /** The databases belong to another log. */
  readonly foreignData: string;
}

const underNpmStart: SetupRemedies = {
  failure: 'Put that right, or start anew with --fresh',
  foreignData:
    'With npm start: start it on the log that it was started on before (--kafka or not), set MILLRACE_DATA to another folder, or start anew with --fresh',
};

/**
 * The one-shot setup step: databases, then each service's migrations, and topics. Running it again changes nothing. Data that belong to another
 * cluster are refused before anything is made.
 */
export async function setUp({ services }: StackDefinition, target: SetupTarget, logger: Logger): Promise<void> {
  const { postgresUrl, log, workspace, remedies = underNpmStart } = target;
  const inStep = <Result>(what: string, step: Promise<Result>) =>
    explained(step, (why) => `${what} could not be prepared: ${why}. ${remedies.failure}`);
  const onOwnData = (step: Promise<void>) => explained(step, (why) => `${why}. ${remedies.foreignData}`);
  const parts = Object.values(services);
  const names = [...new Set(parts.map(({ database }) => database))];
  const [existing, { clusterId, brokers }] = await Promise.all([
    inStep('the databases', existingDatabases(postgresUrl, names)),
    inStep('the topics', describeCluster(log, logger)),
  ]);
  await onOwnData(refuseForeignData({ postgresUrl, databases: existing, log, clusterId }, logger));

  const topicsReady = inStep('the topics', createTopics(log, brokers, logger));
  const missing = names.filter((name) => !existing.includes(name));
  const databasesReady = inStep('the databases', createDatabases(postgresUrl, missing));
  const prepare = (app: string, name: string) =>
    withDatabase(`${postgresUrl}/${name}`, async (database) => {
      await inStep(`the tables of ${app}`, migrateService(database, app, workspace, logger));
      await onOwnData(claimLogCluster(database, clusterId));
    });
  await Promise.all([topicsReady, databasesReady, ...parts.map(({ app, database }) => databasesReady.then(() => prepare(app, database)))]);
}

async function explained<Result>(step: Promise<Result>, inWords: (why: string) => string): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    const [why = ''] = (error as Error).message.split('\n', 1);
    throw new Error(inWords(why), { cause: error });
  }
}
