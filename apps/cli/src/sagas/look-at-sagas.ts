import { readPages } from '@millrace/operations/client';
import type { SagasPage, SagaView } from '@millrace/operations/contract';
import { findAtOperators, opsOption, listFirst } from '../operators.ts';
import { firstOf, type Call, type CommandDefinition, type Terminal } from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';

type ListedSaga = SagasPage['items'][number];
type StepProgress = SagaView['steps'][number];

export const sagaPath = (id: string): string => `/ops/sagas/${encodeURIComponent(id)}`;

const limitByDefault = 50;

const states = [
  'live',
  'running',
  'compensating',
  'closing',
  'needs_attention',
  'paused',
  'completed',
  'compensated',
  'all',
];

const listColumns: Columns<ListedSaga> = {
  SAGA: 'sagaId',
  DEFINITION: 'definition',
  STATUS: 'status',
  STEP: 'step',
  ATTENTION: ({ needsAttention, paused }) => (paused ? 'paused' : needsAttention ? 'yes' : 'no'),
  REASON: { freeText: 'reason' },
  STARTED: 'startedAt',
};

/** Only sagas that have not ended are listed by default. */
const filterOf = ({ options }: Call) => ({
  state: options.text('state') ?? 'live',
  step: options.text('step'),
  definition: options.text('definition'),
  'older-than': options.text('older-than'),
});

export const listSagas: CommandDefinition = {
  name: 'list',
  summary: 'lists sagas that have not ended, or those in a state; the oldest first',
  options: [
    { flags: '--state <state>', meaning: 'default: live', choices: states },
    { flags: '--step <name>', meaning: 'only sagas that wait for this step' },
    { flags: '--definition <name>', meaning: 'only sagas of this definition' },
    { flags: '--older-than <seconds>', meaning: 'only sagas that started so long ago' },
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  watchable: true,
  examples: ['sagas list --state needs_attention', 'sagas list --step ship --older-than 600'],
  async run(call) {
    const { options } = call;
    const limit = options.count('limit', 1) ?? limitByDefault;
    const query = {
      state: options.text('state'),
      step: options.text('step'),
      definition: options.text('definition'),
      olderThanSeconds: options.count('older-than')?.toString(),
    };
    const found = await listFirst(call, limit, (ops) =>
      readPages<ListedSaga>(ops, '/ops/sagas', query, limit),
    );
    showRows(call, found, { columns: listColumns, none: emptyList('sagas', filterOf(call)) });
  },
};

const stepColumns: Columns<StepProgress> = {
  STEP: 'name',
  STATUS: 'status',
  ATTEMPTS: 'attempts',
  SENT: 'sentAt',
  REPLIED: 'repliedAt',
};

export const showSaga: CommandDefinition = {
  name: 'show',
  summary: 'shows one saga: its steps, why it waits and until when, and its history',
  arguments: [{ name: '<id>', meaning: 'id of the saga, which is that of its order' }],
  options: [opsOption],
  watchable: true,
  examples: ['sagas show ORDER'],
  async run(call) {
    const id = firstOf(call);
    const { found } = await findAtOperators(call, `saga ${id}`, (ops) => ops.get<SagaView>(sagaPath(id)));
    const { terminal } = call.session;
    if (call.options.flag('json')) terminal.out(jsonOf(found.body));
    else printSaga(terminal, found.body);
  },
};

export function printSaga(terminal: Terminal, saga: SagaView): void {
  const {
    sagaId,
    definition,
    version,
    status,
    reason,
    paused,
    steps,
    compensations,
    timers,
    waitsFor,
    events,
  } = saga;
  terminal.out(
    `saga ${sagaId}, ${definition} version ${version}: ${[status, reason].filter(Boolean).join(', because of ')}`,
  );
  terminal.out(`started ${saga.startedAt}, correlation id ${saga.correlationId}`);
  if (paused !== undefined) terminal.out(`paused by ${paused.actor} at ${paused.at}: ${paused.reason}`);
  for (const { step, role, replies } of waitsFor)
    terminal.out(`waits for ${replies.join(' or ')} (${role} ${step})`);
  for (const { step, kind, attempt, dueAt } of timers)
    terminal.out(`timer of ${kind} ${step}, attempt ${attempt}: due ${dueAt}`);
  terminal.out(
    `\n${renderTable(stepColumns, [...steps, ...compensations.map((one) => ({ ...one, name: `undo ${one.name}` }))])}`,
  );
  terminal.out(
    `\n${renderTable(
      {
        AT: ({ at }) => at,
        EVENT: ({ type }) => type,
        DETAIL: { freeText: ({ type: _type, at: _at, ...detail }) => JSON.stringify(detail) },
      },
      events,
      terminal.columns,
    )}`,
  );
}
