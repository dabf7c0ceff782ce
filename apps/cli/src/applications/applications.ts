import { InvalidInput, OperationFailed, type OpsClient } from '@millrace/operations/client';
import type {
  ApplicationNode,
  ApplicationsView,
  ApplicationView,
  StoreEntry,
  StoreView,
} from '@millrace/operations/contract';
import { askAll, opsOption, tellMore } from '../operators.ts';
import {
  firstOf,
  type ArgumentDefinition,
  type Call,
  type CommandDefinition,
  type CommandGroup,
} from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';

/** An application in one of its processes. */
interface ProcessOfApplication extends ApplicationView {
  readonly process: string;
}

const applicationArgument: ArgumentDefinition = {
  name: '<application>',
  meaning: 'id of the stream application, which is also its consumer group',
};

/** Asks every process. A service without stream applications has no such path. */
const askProcesses = (call: Call): Promise<readonly ProcessOfApplication[]> =>
  askAll(
    call,
    async (ops) => {
      const { body } = await ops.get<ApplicationsView>('/ops/applications');
      return body.items.map((item) => ({ process: ops.service, ...item }));
    },
    'processes',
  );

async function findApplication(
  call: Call,
): Promise<readonly [ProcessOfApplication, ...ProcessOfApplication[]]> {
  const id = firstOf(call);
  const running = await askProcesses(call);
  const [first, ...others] = running.filter(({ application }) => application === id);
  if (first !== undefined) return [first, ...others];
  const ids = [...new Set(running.map(({ application }) => application))].join(', ');
  throw new OperationFailed(
    ids === ''
      ? `no process runs the stream application ${id}, or any other: start one with npm start -- --with NAME`
      : `no process runs the stream application ${id}; these are running: ${ids}`,
  );
}

const tasksOf = ({ tasks }: ProcessOfApplication, role: 'active' | 'standby'): number =>
  tasks.filter((task) => task.role === role).length;

const storeBytesOf = ({ tasks }: ProcessOfApplication): number =>
  tasks.reduce((sum, { storeBytes }) => sum + (storeBytes ?? 0), 0);

const columns: Columns<ProcessOfApplication> = {
  APPLICATION: 'application',
  PROCESS: 'process',
  STATE: 'state',
  TASKS: (one) => tasksOf(one, 'active'),
  STANDBYS: (one) => tasksOf(one, 'standby'),
  'STATE BYTES': storeBytesOf,
  'TO RESTORE': 'remainingRecords',
  FAILURE: { freeText: 'failure' },
};

const list: CommandDefinition = {
  name: 'list',
  summary: 'lists the stream applications, with the tasks of each process and what is left to restore',
  options: [opsOption],
  watchable: true,
  examples: ['applications list'],
  async run(call) {
    showRows(call, await askProcesses(call), { columns, none: emptyList('stream applications') });
  },
};

interface TaskOfProcess extends Omit<ApplicationView['tasks'][number], 'partitions'> {
  readonly process: string;
  readonly partitions: string;
}

const taskColumns: Columns<TaskOfProcess> = {
  TASK: 'task',
  PROCESS: 'process',
  ROLE: 'role',
  READS: 'partitions',
  'STATE BYTES': 'storeBytes',
  'STREAM TIME': 'streamTime',
  'LAG (STANDBY)': 'lagRecords',
};

const show: CommandDefinition = {
  name: 'show',
  summary: 'shows the topology of a stream application, its stores, and which process runs which task',
  arguments: [applicationArgument],
  options: [opsOption],
  watchable: true,
  examples: ['applications show orders-per-minute'],
  async run(call) {
    const found = await findApplication(call);
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf(found));
    const tasks = found
      .flatMap(({ process, tasks: own }) =>
        own.map((task) => ({ process, ...task, partitions: task.partitions.join(', ') })),
      )
      .sort((one, other) => one.task.localeCompare(other.task, 'en', { numeric: true }));
    terminal.out([...found.map(stateLine), ...topologyLines(found[0])].join('\n'));
    if (tasks.length > 0) terminal.out(`\n${renderTable(taskColumns, tasks, terminal.columns)}`);
  },
};

function stateLine(found: ProcessOfApplication): string {
  const { application, process, state, failure, remainingRecords, notRunningSeconds } = found;
  const lasts = notRunningSeconds > 0 ? ` for ${Math.round(notRunningSeconds)} s` : '';
  const details = [
    remainingRecords > 0 ? `, ${remainingRecords} records to restore` : '',
    failure === null ? '' : `: ${failure}`,
  ];
  return `${application} in ${process}: ${state}${lasts}${details.join('')}`;
}

const topologyLines = ({ subTopologies, stores }: ApplicationView): readonly string[] => [
  ...subTopologies.flatMap(({ id, isGlobal, nodes }) => [
    `sub-topology ${id}${isGlobal ? ', for a table that every process has whole' : ''}`,
    ...nodes.map((node) => `  ${nodeLine(node)}`),
  ]),
  ...(stores.length === 0 ? [] : ['stores']),
  ...stores.map(({ name, kind, topic }) => {
    const origin = topic === null ? 'not restored from any topic' : `restored from ${topic}`;
    return `  ${name} (${kind.replaceAll('_', ' ')}), ${origin}`;
  }),
];

function nodeLine({ name, kind, topics, stores, parents }: ApplicationNode): string {
  const after = parents.length === 0 ? '' : ` after ${parents.join(', ')}`;
  if (kind === 'source') return `${name} reads ${topics.join(', ')}`;
  if (kind === 'sink')
    return `${name}${after} writes ${topics[0] ?? 'a topic that it chooses for each record'}`;
  return `${name}${after}${stores.length === 0 ? '' : ` keeps ${stores.join(', ')}`}`;
}

interface FoundEntry extends StoreEntry {
  readonly process: string;
}

const entryColumns: Columns<FoundEntry> = {
  KEY: ({ key }) => textOf(key),
  FROM: 'from',
  TO: 'to',
  VALUE: { freeText: ({ value }) => textOf(value) },
  PROCESS: 'process',
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const limitByDefault = 50;

const get: CommandDefinition = {
  name: 'get',
  summary:
    'reads a store of a stream application in all processes, one key or the first keys, as of the last commits',
  arguments: [
    applicationArgument,
    { name: '<store>', meaning: 'name of the store; applications show names them' },
    { name: '[key]', meaning: 'only this key, as text' },
  ],
  options: [
    { flags: '--key-hex <bytes>', meaning: 'the key as hexadecimal digits, for one that is no text' },
    {
      flags: '--limit <count>',
      meaning: `how many entries of each process at most (default: ${limitByDefault})`,
    },
    opsOption,
  ],
  watchable: true,
  examples: ['applications get orders-per-minute orders-per-minute', 'applications get words counts kafka'],
  async run(call) {
    const [id = '', store = '', key] = call.args;
    const keyHex = call.options.text('key-hex');
    if (key !== undefined && keyHex !== undefined)
      throw new InvalidInput('give the key as text or with --key-hex, not both');
    const limit = call.options.count('limit', 1) ?? limitByDefault;
    const path = `/ops/applications/${encodeURIComponent(id)}/stores/${encodeURIComponent(store)}`;
    const read = async (ops: OpsClient) => {
      const { body } = await ops.get<StoreView>(path, { key, keyHex, limit: String(limit) });
      return [{ process: ops.service, ...body }];
    };
    const answers = await askAll(call, read, 'processes');
    if (answers.length === 0) {
      await findApplication(call);
      throw new OperationFailed(
        `${id} has no store ${store} that can be read. "applications show ${id}" lists its stores; buffers and ` +
          'global tables cannot be read',
      );
    }
    const found = answers.flatMap(({ process, items }) => items.map((entry) => ({ process, ...entry })));
    showRows(call, found, { columns: entryColumns, none: emptyList(`entries in ${store}`) });
    if (answers.some(({ complete }) => !complete)) tellMore(call, limit);
  },
};

export const applications: CommandGroup = {
  name: 'applications',
  summary: 'look at stream applications: topology, tasks, what is left to restore, and their stores',
  commands: [list, show, get],
};
