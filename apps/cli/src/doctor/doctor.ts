import { basename } from 'node:path';
import { withAdmin } from '@millrace/operations/client';
import { addressesOf, bootstrapOption, clusterOf, serviceOption } from '../addresses.ts';
import type { Call, CommandDefinition, OptionDefinition } from '../command/command.ts';
import { withSession } from '../sql/session-settings.ts';
import { showRows } from '../terminal/show.ts';
import { checkDataFolder, checkNode, checkSystem, ok, problem, type Finding } from './check-machine.ts';
import { checkPorts, readStartPlan } from './check-ports.ts';

const basePortOption: OptionDefinition = {
  flags: '--base-port <port>',
  meaning:
    'check the system of npm start -- --base-port (default: the number in the name of the data folder)',
};

const withOption: OptionDefinition = {
  flags: '--with <apps>',
  meaning: 'also check the ports and settings of these optional apps, as npm start --with names them',
};

export const doctor: CommandDefinition = {
  name: 'doctor',
  summary: 'checks what the system needs here: Node, folders, disk, settings, ports, brokers, databases',
  options: [basePortOption, withOption, bootstrapOption, serviceOption],
  examples: ['doctor', 'doctor --base-port 5000 --json', 'doctor --with all'],
  async run(call) {
    const findings = [
      checkNode(),
      checkSystem(),
      ...checkDataFolder(addressesOf(call).dataFolder),
      ...(await checkParts(call)),
    ];
    showRows(call, findings, {
      columns: {
        CHECK: 'check',
        RESULT: 'result',
        DETAIL: ({ detail, remedy }) => (remedy === undefined ? detail : `${detail}: ${remedy}`),
      },
      none: 'nothing was checked',
    });
    return findings.some(({ result }) => result === 'problem') ? 1 : 0;
  },
};

/** Checks the running parts if there are any, and otherwise whether `npm start` could start them. */
async function checkParts(call: Call): Promise<readonly Finding[]> {
  const addresses = addressesOf(call);
  const stack = addresses.findStack();
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
  const { dataFolder } = addresses;
  const plan = await readStartPlan({
    workspace,
    environment: { ...environment, MILLRACE_DATA: dataFolder },
    options: startOptions(call, dataFolder),
  });
  if ('problem' in plan) return [problem('settings', plan.problem, 'npm start refuses them as well')];
  return [
    ok('stack', 'does not run'),
    ok('settings', ['valid', ...plan.notices].join('; ')),
    ...(await checkPorts(plan.ports)),
  ];
}

/** The options of `npm start` for a data folder, which the name of a default folder tells. */
function startOptions({ options }: Call, dataFolder: string): readonly string[] {
  const [, kafka, named] = /^\.millrace(-kafka)?(?:-(\d{4,5}))?$/.exec(basename(dataFolder)) ?? [];
  const base = options.text('base-port') ?? named;
  const apps = options.text('with');
  return [
    ...(kafka === undefined ? [] : ['--kafka']),
    ...(base === undefined ? [] : ['--base-port', base]),
    ...(apps === undefined ? [] : ['--with', apps]),
  ];
}

const statementTimeoutMs = 5_000;

/** Checks that the brokers and the databases of the services answer. */
const checkEngines = (call: Call): Promise<readonly Finding[]> =>
  Promise.all([
    checkBrokers(call),
    ...addressesOf(call)
      .servicesWithDatabase()
      .map((service) => checkDatabase(call, service)),
  ]);

async function checkBrokers(call: Call): Promise<Finding> {
  try {
    const { clusterId, brokers } = await withAdmin(clusterOf(call), (admin) => admin.describeCluster());
    return ok('brokers', `${brokers.length} in cluster ${clusterId}`);
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
