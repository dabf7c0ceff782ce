import {
  findOwners,
  InvalidInput,
  OperationFailed,
  readPages,
  type OpsAnswer,
  type OpsClient,
} from '@millrace/operations/client';
import { sagaStates, type SagasPage, type SagaView } from '@millrace/operations/contract';
import { invocation } from '../command/build-program.ts';
import { opsClients, opsOption, listFirst } from '../operators.ts';
import {
  firstOf,
  type ArgumentDefinition,
  type Call,
  type CommandDefinition,
  type Terminal,
} from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';
import { findTimedProcess, printTimedProcess, withoutSaga } from './timed-processes.ts';

type ListedSaga = SagasPage['items'][number];
type StepProgress = SagaView['steps'][number];
/** A row of the table of steps, which shows waits too. */
interface PartProgress {
  readonly status: string;
  readonly attempts: number | null;
}

export const sagaArgument: ArgumentDefinition = {
  name: '<saga>',
  meaning: 'id of the saga; or DEFINITION/ID, if sagas of several definitions have the id',
};

export interface FoundSaga {
  readonly ops: OpsClient;
  /** The path of the saga in the operator API of its service. */
  readonly path: string;
  readonly found: OpsAnswer<SagaView>;
}

/**
 * Finds the saga that the first argument names. Asks every service, because a saga of another one
 * may have the same id.
 */
export async function findSaga(call: Call): Promise<FoundSaga> {
  const given = firstOf(call);
  const path = pathOf(given);
  const asked = findOwners(opsClients(call), `saga ${given}`, (ops) => ops.get<SagaView>(path));
  const owners = await asked.catch(async (error: unknown) => {
    const timed = await findTimedProcess(call);
    throw timed === undefined ? error : new OperationFailed(`${given}: ${withoutSaga(timed)}`);
  });
  const [owner, ...others] = owners;
  if (owner === undefined || others.length > 0) throw several(given, owners);
  return { ...owner, path };
}

/** An id alone has the path that services of the earlier release know, too. */
function pathOf(given: string): string {
  const slash = given.indexOf('/');
  const names = slash < 0 ? [given] : [given.slice(0, slash), given.slice(slash + 1)];
  if (names.includes('')) throw new InvalidInput(`${given} names no saga: give its ID, or DEFINITION/ID`);
  return `/ops/sagas/${names.map(encodeURIComponent).join('/')}`;
}

function several(given: string, owners: readonly Omit<FoundSaga, 'path'>[]): OperationFailed {
  const list = owners.map(
    ({ ops, found: { body } }) => `${body.definition}/${body.sagaId} of ${ops.service}`,
  );
  return new OperationFailed(
    `several sagas have the id ${given}: ${list.join(', ')}: name one as DEFINITION/ID, or its service with --ops`,
  );
}

const limitByDefault = 50;

const listColumns: Columns<ListedSaga> = {
  SAGA: 'sagaId',
  DEFINITION: 'definition',
  STATUS: 'status',
  STEP: ({ step, steps }) => steps?.join(', ') || step,
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
    { flags: '--state <state>', meaning: 'default: live', choices: sagaStates },
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

const stepColumns: Columns<Omit<StepProgress, 'status' | 'attempts'> & PartProgress> = {
  STEP: 'name',
  STATUS: 'status',
  ATTEMPTS: 'attempts',
  SENT: 'sentAt',
  REPLIED: 'repliedAt',
};

export const showSaga: CommandDefinition = {
  name: 'show',
  summary: 'shows one saga: its steps, why it waits and until when, and its history; or a timed process',
  arguments: [sagaArgument],
  options: [opsOption],
  watchable: true,
  examples: ['sagas show ORDER', 'sagas show fulfillment/ORDER'],
  async run(call) {
    const { terminal } = call.session;
    const timed = await findTimedProcess(call);
    if (timed !== undefined) return printTimedProcess(call, timed);
    const { found } = await findSaga(call);
    if (call.options.flag('json')) terminal.out(jsonOf(found.body));
    else printSaga(terminal, found.body);
  },
};

function heldBy({ kind, name, actor, heldAt, reason }: SagaView['holds'][number]): string {
  const [what, effect] =
    kind === 'definition'
      ? [`every saga of ${name}`, 'nothing is sent or given up']
      : [`the commands on ${name}`, 'none of them is sent or given up'];
  return (
    `held by ${actor} since ${heldAt}, with ${what}: ${reason}\n` +
    `  ${effect} until: ${invocation} sagas release --${kind} ${name} --reason TEXT`
  );
}

/** A wait sends nothing. */
const untouched = { attempts: null, sentAt: null, repliedAt: null };

export function printSaga(terminal: Terminal, saga: SagaView): void {
  const { sagaId, definition, version, status, reason, paused, steps, compensations, timers, events } = saga;
  // A service of the release before does not have these fields yet.
  const { waits = [], branches = {}, holds = [], waitsFor } = saga;
  terminal.out(
    `saga ${sagaId}, ${definition} version ${version}: ${[status, reason].filter(Boolean).join(', because of ')}`,
  );
  terminal.out(`started ${saga.startedAt}, correlation id ${saga.correlationId}`);
  if (paused !== undefined) terminal.out(`paused by ${paused.actor} at ${paused.at}: ${paused.reason}`);
  for (const hold of holds) terminal.out(heldBy(hold));
  for (const { step, role, replies, until, why } of waitsFor) {
    const what = replies.length === 0 ? 'waits' : `waits for ${replies.join(' or ')}`;
    terminal.out(`${what} (${role} ${step})${until == null ? '' : `, until ${until}`}`);
    if (why !== undefined) terminal.out(`  ${why}`);
  }
  for (const { step, kind, attempt, dueAt } of holds.some((hold) => hold.kind === 'definition') ? [] : timers)
    if (!waitsFor.some((open) => open.step === step && (open.until === null || open.until === dueAt)))
      terminal.out(`timer of ${kind} ${step}, attempt ${attempt}: due ${dueAt}`);
  for (const [branch, path] of Object.entries(branches))
    terminal.out(`took the path "${path}" of the branch ${branch}`);
  terminal.out(
    `\n${renderTable(stepColumns, [
      ...steps,
      ...waits.map(({ name, status }) => ({ ...untouched, name: `wait ${name}`, status })),
      ...compensations.map((one) => ({ ...one, name: `undo ${one.name}` })),
    ])}`,
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
