import type { Call, CommandDefinition } from '../command/command.ts';
import { bootstrapOption } from '../places/cluster.ts';
import { dataFolderOf } from '../places/data-folder.ts';
import { findLocalStack } from '../places/local-stack.ts';
import { serviceOption } from '../places/services.ts';
import { showRows } from '../terminal/show.ts';
import { checkEngines } from './check-engines.ts';
import { checkDataFolder, checkNode, checkSystem } from './check-machine.ts';
import { checkPorts } from './check-ports.ts';
import { ok, problem, type Finding } from './finding.ts';
import { readStartPlan } from './start-plan.ts';

export const doctor: CommandDefinition = {
  name: 'doctor',
  summary: 'checks what the system needs here: Node, folders, disk, settings, ports, brokers, databases',
  options: [bootstrapOption, serviceOption],
  examples: ['doctor', 'doctor --json'],
  async run(call) {
    const findings = [
      checkNode(),
      checkSystem(),
      ...checkDataFolder(dataFolderOf(call)),
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
  const stack = findLocalStack(call);
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
  const plan = await readStartPlan(workspace, { ...environment, MILLRACE_DATA: dataFolderOf(call) });
  if ('problem' in plan) return [problem('settings', plan.problem, 'npm start refuses them as well')];
  return [
    ok('stack', 'does not run'),
    ok('settings', ['valid', ...plan.notices].join('; ')),
    ...(await checkPorts(plan.ports)),
  ];
}
