import { withAdmin } from '@millrace/operations/client';
import { bootstrapOption, clusterOf, addressesOf, serviceOption } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { showRows } from '../terminal/show.ts';
import { checkDataFolder, checkNode, checkSystem, ok, problem, type Finding } from './check-machine.ts';
import { checkPorts, readStartPlan } from './check-ports.ts';
import { withSession } from '../sql/session-settings.ts';

export const doctor: CommandDefinition = {
  name: 'doctor',
  summary: 'checks what the system needs here: Node, folders, disk, settings, ports, brokers, databases',
  options: [bootstrapOption, serviceOption],
  examples: ['doctor', 'doctor --json'],
  async run(call) {
    const findings = [
      checkNode(),
      checkSystem(),
      ...checkDataFolder(addressesOf(call).dataFolder),
      ...(await checkParts(call)),
    ];
    showRows(call, findings, {
      columns: [
        { title: 'CHECK', of: ({ check }) => check },
        { title: 'RESULT', of: ({ result }) => result },
        {
          title: 'DETAIL',
          of: ({ detail, remedy }) => (remedy === undefined ? detail : `${detail}: ${remedy}`),
        },
      ],
      none: 'nothing was checked',
    });
    return findings.some(({ result }) => result === 'problem') ? 1 : 0;
  },
};

/** Checks the running parts if there are any, and otherwise whether `npm start` could start them. */
async function checkParts(call: Call): Promise<readonly Finding[]> {
  const stack = addressesOf(call).findStack();
  const { environment, workspace } = call.session;
  const isElsewhere =
    call.options.text('bootstrap') !== undefined ||
    environment.KAFKA_BOOTSTRAP_SERVERS?.trim() ||
    call.options.list('service').length > 0;
  if (stack !== undefined)
    return [
      ok('stack', `runs as process ${stack.pid} on ${stack.dataFolder}`),
      ...(await checkEngines(call)),
    ];
  if (isElsewhere) return checkEngines(call);
  const plan = await readStartPlan(workspace, {
    ...environment,
    MILLRACE_DATA: addressesOf(call).dataFolder,
  });
  if ('problem' in plan) return [problem('settings', plan.problem, 'npm start refuses them as well')];
  return [
    ok('stack', 'does not run'),
    ok('settings', ['valid', ...plan.notices].join('; ')),
    ...(await checkPorts(plan.ports)),
  ];
}

const statementTimeoutMs = 5_000;

/** Checks that the brokers and the databases of the services answer. */
const checkEngines = (call: Call): Promise<readonly Finding[]> =>
  Promise.all([
    checkBrokers(call),
    ...addressesOf(call)
      .services()
      .map((service) => checkDatabase(call, service)),
  ]);

async function checkBrokers(call: Call): Promise<Finding> {
  try {
    const { clusterId, brokers } = await withAdmin(clusterOf(call), (admin) => admin.describeCluster());
    return ok('brokers', `${brokers} in cluster ${clusterId}`);
  } catch (error) {
    return problem('brokers', (error as Error).message, 'start them, or name others with --bootstrap');
  }
}

async function checkDatabase(call: Call, service: string): Promise<Finding> {
  const check = `database of ${service}`;
  try {
    const url = addressesOf(call).database({ service });
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
