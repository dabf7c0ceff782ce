import {
  highestLags,
  readItems,
  OperationFailed,
  OpsRefusal,
  type OpsClient,
} from '@millrace/operations/client';
import type { LagsView, RebuildsView } from '@millrace/operations/contract';
import { pause } from '@millrace/streaming-core/runtime';
import { addressesOf } from '../addresses.ts';
import { askAll, opsOption, actOptions, opsClient, reasonOf } from '../operators.ts';
import { type CommandDefinition, type CommandGroup, firstOf, type Call } from '../command/command.ts';
import { emptyList, showRows, progressOn } from '../terminal/show.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';

type Rebuild = RebuildsView['items'][number];

const path = '/ops/projections';
const everyMs = 500;

const readRebuilds = (ops: OpsClient): Promise<readonly Rebuild[]> =>
  readItems<Rebuild>(ops, `${path}/rebuilds`);

const show = (call: Call, found: readonly Rebuild[], none: string): void =>
  showRows(call, found, {
    columns: {
      PROJECTION: 'projection',
      VERSION: 'version',
      STATE: ({ paused }) => (paused ? 'paused' : 'running'),
      'EVENTS LEFT': 'lagEvents',
      'EVENTS/S': ({ eventsPerSecond }) => Math.round(eventsPerSecond),
      'SECONDS LEFT': ({ remainingMs }) => (remainingMs === null ? null : Math.ceil(remainingMs / 1_000)),
    },
    none,
  });

const listRebuilds: CommandDefinition = {
  name: 'rebuilds',
  summary: 'lists the rebuilds of read models that have not ended, with rate and remaining time',
  options: [opsOption],
  watchable: true,
  examples: ['projections rebuilds'],
  run: async (call) => show(call, await askAll(call, readRebuilds), emptyList('rebuilds')),
};

const act = (name: 'rebuild' | 'pause' | 'resume' | 'cancel', summary: string): CommandDefinition => ({
  name,
  summary,
  arguments: [
    { name: '<service>', meaning: 'service of the read model' },
    { name: '<projection>', meaning: 'name of the read model, such as order_summary' },
  ],
  options: [
    ...(name === 'rebuild' ? [{ flags: '--wait', meaning: 'wait until it has been swapped in' }] : []),
    ...actOptions,
    ...(name === 'cancel' ? [yesOption] : []),
  ],
  examples: [`projections ${name} order order_summary --reason "INC-7: a column was wrong"`],
  async run(call) {
    const service = firstOf(call);
    const projection = call.args[1] ?? '';
    const reason = reasonOf(call);
    const ops = opsClient(call, service);
    const seen = name === 'rebuild' ? undefined : await seenRevision(ops, projection);
    if (name === 'cancel') await confirm(call, `give up the rebuild of ${projection}`);
    const acted = await ops
      .post<RebuildsView>(`${path}/${encodeURIComponent(projection)}/actions`, {
        body: { action: name, reason },
        ifMatch: seen,
      })
      .catch((error: unknown) => {
        throw name === 'rebuild' && error instanceof OpsRefusal && error.code === 'rebuild_not_possible'
          ? new OperationFailed(`${error.message}; ${otherWay(call, service, projection)}`, { cause: error })
          : error;
      });
    const left = call.options.flag('wait') ? await untilEnded(call, ops, projection) : acted.body.items;
    show(call, left, `nothing is being rebuilt: ${projection} is in use`);
  },
});

/** How to rebuild a read model that follows topics, and not the events of its service. */
function otherWay(call: Call, service: string, projection: string): string {
  const table = /^[a-z_][a-z0-9_]*$/.test(projection) ? projection : 'NAME';
  const where = addressesOf(call).readDatabase(service) === undefined ? '' : ' --read-models';
  return (
    'one that follows topics has a function for it, and begins at the first record: ' +
    `npm run millrace -- sql ${service}${where} --write -c "SELECT rebuild_${table}()"`
  );
}

/**
 * Returns what `If-Match` takes. That is 0, which no rebuild has, if nothing is being rebuilt: so the
 * act is refused also if somebody begins one meanwhile.
 */
async function seenRevision(ops: OpsClient, projection: string): Promise<string> {
  const seen = (await readRebuilds(ops)).find((one) => one.projection === projection);
  return `"${seen?.revision ?? 0}"`;
}

/**
 * Waits until the rebuild has left the list, which it does when it is swapped in or cancelled.
 * Resolves to the rebuild if Ctrl-C ends the wait.
 */
async function untilEnded(
  { session }: Call,
  ops: OpsClient,
  projection: string,
): Promise<readonly Rebuild[]> {
  const { terminal, clock, signal } = session;
  const progress = progressOn(terminal, `rebuilding ${projection}`);
  try {
    for (;;) {
      const left = (await readRebuilds(ops)).filter((one) => one.projection === projection);
      const [running] = left;
      if (running === undefined || signal.aborted) return left;
      progress.show(Number(running.position), Number(running.last));
      await pause(clock, everyMs, signal);
    }
  } finally {
    progress.end();
  }
}

const rebuildActions: readonly CommandDefinition[] = [
  act('rebuild', 'fills a read model anew beside the live one, and swaps it in at the end'),
  act('pause', 'stops a rebuild until it is resumed'),
  act('resume', 'continues a rebuild'),
  act('cancel', 'gives a rebuild up and keeps the live read model'),
];

type ProjectionLag = LagsView['items'][number];

const projectionLags: CommandDefinition = {
  name: 'lag',
  summary: 'shows how far read models and consumers are behind, as their services saw it last',
  options: [{ flags: '--behind', meaning: 'leave out what is not behind' }, opsOption],
  watchable: true,
  examples: ['projections lag --behind'],
  async run(call) {
    const seen = await askAll(call, (ops) => readItems<ProjectionLag>(ops, '/ops/projections'), 'processes');
    const found = highestLags(seen).filter(({ messages }) => messages > 0 || !call.options.flag('behind'));
    showRows(call, found, {
      columns: {
        GROUP: 'group',
        TOPIC: 'topic',
        PARTITION: 'partition',
        MESSAGES: 'messages',
        SECONDS: 'seconds',
      },
      none: call.options.flag('behind') ? 'nothing is behind' : emptyList('read models and consumers'),
    });
  },
};

export const projections: CommandGroup = {
  name: 'projections',
  summary: 'shows how far read models are behind, and rebuilds them',
  commands: [projectionLags, listRebuilds, ...rebuildActions],
};
