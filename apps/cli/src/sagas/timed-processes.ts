import { askReachable, readItems } from '@millrace/operations/client';
import type { TimedProcessView } from '@millrace/operations/contract';
import { askAll, opsClients, opsOption } from '../operators.ts';
import { firstOf, type Call, type CommandDefinition } from '../command/command.ts';
import { emptyList, showOutcome, showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';

/** Reads timed processes. A service of the release before does not have the path yet. */
const path = (query: Readonly<Record<string, string>>): string =>
  `/ops/timed-processes?${new URLSearchParams(query).toString()}`;

/**
 * Finds the instance that the first argument names: ID, or PROCESS/ID. Resolves to undefined if no
 * service that answers has it.
 */
export async function findTimedProcess(call: Call): Promise<TimedProcessView | undefined> {
  const given = firstOf(call);
  const slash = given.indexOf('/');
  const query = {
    id: given.slice(slash + 1),
    ...(slash >= 0 && { process: given.slice(0, slash) }),
  };
  const { found } = await askReachable(opsClients(call), (ops) =>
    readItems<TimedProcessView>(ops, path(query)),
  );
  return found.flat()[0];
}

const remedy =
  'look for the message that it waits for at the service that publishes it, and at its reader: parked list, dlq list, ' +
  'lag, outbox';

/** Why an operator cannot act on it as on a saga, and what to do instead while it waits. */
export const withoutSaga = ({ process, waitsFor }: TimedProcessView): string => {
  const reason = `no saga directs ${process}, so it cannot be retried, skipped, paused or compensated`;
  return waitsFor.length === 0 ? reason : `${reason}; ${remedy}`;
};

const waitsOf = ({ waitsFor }: TimedProcessView): readonly string[] =>
  waitsFor.map(({ message, since }) => `waits for ${message} since ${since}`);

export function printTimedProcess(call: Call, timed: TimedProcessView): void {
  const { process, id, status, reason, startedAt, updatedAt } = timed;
  const lines = [
    `${id}, ${process}: ${[status, reason].filter(Boolean).join(', because of ')}`,
    `started ${startedAt}, last changed ${updatedAt}`,
    ...waitsOf(timed),
    withoutSaga(timed),
  ];
  showOutcome(call, timed, lines.join('\n'));
}

const columns: Columns<TimedProcessView> = {
  ID: 'id',
  PROCESS: 'process',
  STATUS: 'status',
  REASON: 'reason',
  'WAITS FOR': { freeText: (timed) => waitsOf(timed).join(', ') },
  STARTED: 'startedAt',
};

const limitByDefault = 50;

export const listTimedProcesses: CommandDefinition = {
  name: 'timed',
  summary: 'lists what no saga directs and only a timer ends; the one that has waited longest first',
  options: [
    { flags: '--limit <count>', meaning: `how many of each service at most (default: ${limitByDefault})` },
    opsOption,
  ],
  watchable: true,
  examples: ['sagas timed'],
  async run(call) {
    const limit = String(call.options.count('limit', 1) ?? limitByDefault);
    const found = await askAll(call, (ops) => readItems<TimedProcessView>(ops, path({ limit })));
    showRows(call, found, { columns, none: emptyList('timed processes') });
  },
};
