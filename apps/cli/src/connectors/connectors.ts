import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  connectRest,
  failureLine,
  firstFailure,
  InvalidInput,
  lagOfSinks,
  OperationFailed,
  readConnectors,
  withLag,
  type ConnectorView,
  type RestClient,
} from '@millrace/operations/client';
import { ClientError } from '@millrace/streaming-core/client';
import { addressesOf, bootstrapOption, clusterOf } from '../addresses.ts';
import {
  firstOf,
  type ArgumentDefinition,
  type Call,
  type CommandDefinition,
  type CommandGroup,
  type OptionDefinition,
} from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { emptyList, jsonOf, showOutcome, showRows } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';

const urlOption: OptionDefinition = {
  flags: '--url <url>',
  meaning: 'REST of a worker of Connect (default: CONNECT_URL, or that of the running stack)',
};

const connectorArgument: ArgumentDefinition = { name: '<connector>', meaning: 'name of the connector' };

const connectOf = (call: Call): RestClient => connectRest('connect', addressesOf(call).rest('connect'));

const pathOf = (connector: string): string => `/connectors/${encodeURIComponent(connector)}`;

type Status = ConnectorView['status'];

interface Listed extends ConnectorView {
  /** The messages that a sink has not written yet. Null for a source, and where it is unknown. */
  readonly lag: bigint | null;
}

/** Reads how far the sinks among the connectors are behind. Says so if the log does not answer. */
async function lagOf(
  call: Call,
  connectors: readonly Pick<Status, 'name' | 'type'>[],
): Promise<ReadonlyMap<string, bigint>> {
  const sinks = connectors.filter(({ type }) => type === 'sink').map(({ name }) => name);
  if (sinks.length === 0) return new Map();
  try {
    return await withLag(clusterOf(call), (_admin, reader) => lagOfSinks(reader, sinks));
  } catch (error) {
    if (!(error instanceof OperationFailed || error instanceof ClientError)) throw error;
    call.incomplete(`the lag of sinks is unknown: ${error.message}`);
    return new Map();
  }
}

const columns: Columns<Listed> = {
  CONNECTOR: ({ status }) => status.name,
  KIND: ({ status }) => status.type,
  STATE: ({ status }) => status.connector.state,
  TASKS: ({ status }) => {
    const running = status.tasks.filter(({ state }) => state === 'RUNNING');
    return `${running.length}/${status.tasks.length}`;
  },
  LAG: 'lag',
  CLASS: ({ info }) => info.config['connector.class'],
  FAILURE: { freeText: ({ status }) => firstFailure(status) },
};

const list: CommandDefinition = {
  name: 'list',
  summary: 'lists the connectors with their states, how many tasks run, and how far sinks are behind',
  options: [urlOption, bootstrapOption],
  watchable: true,
  examples: ['connectors list'],
  async run(call) {
    const found = await readConnectors(connectOf(call));
    const lags = await lagOf(
      call,
      found.map(({ status }) => status),
    );
    const rows = found.map((view): Listed => ({ ...view, lag: lags.get(view.status.name) ?? null }));
    showRows(call, rows, { columns, none: emptyList('connectors') });
  },
};

const taskColumns: Columns<Status['tasks'][number]> = {
  TASK: 'id',
  STATE: 'state',
  WORKER: 'worker_id',
  FAILURE: { freeText: failureLine },
};

const show: CommandDefinition = {
  name: 'show',
  summary: 'shows the configuration of a connector, its tasks, what they have read, and the lag of a sink',
  arguments: [connectorArgument],
  options: [urlOption, bootstrapOption],
  watchable: true,
  examples: ['connectors show user-events-to-postgres'],
  async run(call) {
    const connect = connectOf(call);
    const path = pathOf(firstOf(call));
    const [config, status, { offsets }] = await Promise.all([
      connect.get<Readonly<Record<string, string>>>(`${path}/config`),
      connect.get<Status>(`${path}/status`),
      connect.get<{ readonly offsets: readonly object[] }>(`${path}/offsets`),
    ]);
    const lag = (await lagOf(call, [status])).get(status.name) ?? null;
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf({ config, status, offsets, lag }));
    const { connector } = status;
    terminal.out(
      [
        `${status.name}, a ${status.type}: ${connector.state} on ${connector.worker_id}`,
        ...(connector.trace === undefined ? [] : [connector.trace.trimEnd()]),
        ...Object.entries(config)
          .sort()
          .map(([name, value]) => `  ${name}=${value}`),
        ...offsets.map((offset) => `  read up to ${JSON.stringify(offset)}`),
        ...(lag === null ? [] : [`  messages behind: ${lag}`]),
      ].join('\n'),
    );
    if (status.tasks.length > 0)
      terminal.out(`\n${renderTable(taskColumns, status.tasks, terminal.columns)}`);
  },
};

const put: CommandDefinition = {
  name: 'put',
  summary: 'creates a connector from a file of Kafka Connect, or gives it the configuration of the file',
  arguments: [
    { name: '<file>', meaning: 'JSON: {"name": .., "config": {..}}, as it is posted to /connectors' },
  ],
  options: [urlOption],
  examples: ['connectors put user-events-to-postgres.json'],
  async run(call) {
    const { name, config } = connectorIn(resolve(call.session.workspace, firstOf(call)));
    const answer = await connectOf(call).send<{ readonly tasks: readonly object[] }>(
      'PUT',
      `${pathOf(name)}/config`,
      config,
    );
    showOutcome(
      call,
      answer,
      `${name} has this configuration now; "connectors show ${name}" says how it runs`,
    );
  },
};

function connectorIn(file: string): { readonly name: string; readonly config: object } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InvalidInput(`${file} cannot be read as JSON: ${(cause as Error).message}`, { cause });
  }
  const { name, config } = (content ?? {}) as { readonly name?: unknown; readonly config?: unknown };
  if (typeof name !== 'string' || typeof config !== 'object' || config === null)
    throw new InvalidInput(`${file} is no connector: it needs a "name" and a "config" with its settings`);
  return { name, config };
}

interface Act {
  readonly name: 'pause' | 'resume' | 'stop';
  readonly summary: string;
  readonly done: string;
}

const act = ({ name, summary, done }: Act): CommandDefinition => ({
  name,
  summary,
  arguments: [connectorArgument],
  options: [urlOption],
  examples: [`connectors ${name} user-events-to-postgres`],
  async run(call) {
    const connector = firstOf(call);
    await connectOf(call).send('PUT', `${pathOf(connector)}/${name}`);
    showOutcome(call, { connector, act: name }, `${connector} ${done}`);
  },
});

const restart: CommandDefinition = {
  name: 'restart',
  summary: 'restarts a connector with all of its tasks, or only those that failed',
  arguments: [connectorArgument],
  options: [urlOption, { flags: '--failed', meaning: 'only what failed' }],
  examples: ['connectors restart user-events-to-postgres --failed'],
  async run(call) {
    const connector = firstOf(call);
    const onlyFailed = call.options.flag('failed');
    const path = `${pathOf(connector)}/restart?includeTasks=true&onlyFailed=${onlyFailed}`;
    await connectOf(call).send('POST', path);
    showOutcome(call, { connector, act: 'restart', onlyFailed }, `${connector} restarts`);
  },
};

const remove: CommandDefinition = {
  name: 'delete',
  summary: 'deletes a connector; its topics, its offsets and what it has written remain',
  arguments: [connectorArgument],
  options: [urlOption, yesOption],
  examples: ['connectors delete user-events-to-postgres'],
  async run(call) {
    const connector = firstOf(call);
    const connect = connectOf(call);
    const known = await readConnectors(connect);
    if (!known.some(({ status }) => status.name === connector))
      throw new OperationFailed(
        `there is no connector ${connector}: "connectors list" names those that exist`,
      );
    await confirm(call, `delete the connector ${connector}`);
    await connect.send('DELETE', pathOf(connector));
    showOutcome(call, { connector, act: 'delete' }, `${connector} is deleted`);
  },
};

export const connectors: CommandGroup = {
  name: 'connectors',
  summary: 'look at the connectors of Connect, and create, pause, restart and delete them',
  commands: [
    list,
    show,
    put,
    act({ name: 'pause', summary: 'pauses a connector, whose tasks keep their places', done: 'pauses' }),
    act({ name: 'resume', summary: 'resumes a paused or stopped connector', done: 'goes on' }),
    act({ name: 'stop', summary: 'stops a connector, which gives its tasks up until resume', done: 'stops' }),
    restart,
    remove,
  ],
};
