import type { Call } from '../command/command.ts';
import { withAdmin } from '../places/cluster.ts';
import { databaseUrlOf, serviceNames } from '../places/services.ts';
import { withSession } from '../sql/session-settings.ts';
import { ok, problem, type Finding } from './finding.ts';

const statementTimeoutMs = 5_000;

/** Checks that the brokers and the databases of the services answer. */
export const checkEngines = (call: Call): Promise<readonly Finding[]> =>
  Promise.all([checkBrokers(call), ...serviceNames(call).map((service) => checkDatabase(call, service))]);

async function checkBrokers(call: Call): Promise<Finding> {
  try {
    const { clusterId, brokers } = await withAdmin(call, (admin) => admin.describeCluster());
    return ok('brokers', `${brokers} in cluster ${clusterId}`);
  } catch (error) {
    return problem('brokers', (error as Error).message, 'start them, or name others with --bootstrap');
  }
}

async function checkDatabase(call: Call, service: string): Promise<Finding> {
  const check = `database of ${service}`;
  try {
    const url = databaseUrlOf(call, { service });
    return await withSession({ url, statementTimeoutMs }, async (client) => {
      const [row] = (
        await client.query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
      ).rows;
      return ok(check, `PostgreSQL ${row?.version}`);
    });
  } catch (error) {
    return problem(
      check,
      (error as Error).message,
      'start PostgreSQL, or see postgres.log in the folder of the logs',
    );
  }
}
