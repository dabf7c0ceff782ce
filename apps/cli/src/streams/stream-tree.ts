import {
  OperationFailed,
  askReachable,
  branchesOf,
  readCorrelation,
  treeOfEvents,
  type Branch,
  type CorrelatedEvent,
  type OpsClient,
} from '@millrace/operations/client';
import { messageNames } from '@millrace/contracts';
import type { HistoryPage } from '@millrace/operations/contract';
import { opsClients, opsOption } from '../operators.ts';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { jsonOf } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';

/** An order has one for itself, and one for each further request about it. */
const correlationsMax = 20;

export const streamTree: CommandDefinition = {
  name: 'tree',
  summary: 'shows what an order, a stream or a correlation has caused in all services, as a tree',
  arguments: [{ name: '<id>', meaning: 'id of an order, name of a stream, or id of a correlation' }],
  options: [opsOption],
  examples: ['streams tree ORDER', 'streams tree order-ORDER --json'],
  async run(call) {
    const { terminal } = call.session;
    const clients = opsClients(call);
    const { correlationIds, missing } = await correlationsOf(clients, firstOf(call));
    const found = await Promise.all(
      correlationIds.slice(0, correlationsMax).map((id) => readCorrelation(clients, id)),
    );
    const events = found.flatMap(({ events: some }) => some).sort(byTime);
    const gaps = [
      ...new Set([...missing, ...found.flatMap((one) => one.gaps)]),
      ...(correlationIds.length > correlationsMax
        ? [`only the first ${correlationsMax} correlations are shown`]
        : []),
    ];
    if (events.length === 0 && gaps.length === 0)
      throw new OperationFailed(`no stream or correlation ${firstOf(call)} at ${namesOf(clients)}`);
    const tree = treeOfEvents(events, messageNames);
    if (call.options.flag('json')) terminal.out(jsonOf({ tree, gaps }));
    else if (events.length > 0) terminal.out(renderTable(columns, branchesOf(tree)));
    for (const gap of gaps) terminal.err(`the tree is incomplete: ${gap}`);
    return gaps.length > 0 ? 1 : 0;
  },
};

const namesOf = (clients: readonly OpsClient[]): string => clients.map(({ service }) => service).join(', ');

/** Returns the correlations of the stream with this name or id, or else takes it for one itself. */
async function correlationsOf(clients: readonly OpsClient[], id: string) {
  const asked = await Promise.all(
    [id, `order-${id}`].map((stream) =>
      askReachable(clients, async ({ service, get }) => {
        const { body } = await get<HistoryPage>(`/ops/streams/${encodeURIComponent(stream)}`);
        const cut = body.nextCursor === null ? [] : [`${service} has further events of ${stream}`];
        return { items: body.items, cut };
      }),
    ),
  );
  const listed = asked.flatMap(({ found }) => found);
  const ids = new Set(listed.flatMap(({ items }) => items.map(({ correlationId }) => correlationId)));
  const missing = [...asked.flatMap((one) => one.missing), ...listed.flatMap(({ cut }) => cut)];
  return { correlationIds: ids.size === 0 ? [id] : [...ids], missing };
}

const byTime = (one: CorrelatedEvent, other: CorrelatedEvent): number =>
  Date.parse(one.recordedAt) - Date.parse(other.recordedAt);

const columns: Columns<Branch<CorrelatedEvent>> = {
  EVENT: ({ branch, event: { type } }) => `${branch}${type}`,
  BY: 'by',
  SERVICE: ({ event: { service } }) => service,
  STREAM: ({ event: { stream } }) => stream,
  VERSION: ({ event: { version } }) => version,
  TIME: ({ event: { recordedAt } }) => recordedAt,
  ACTOR: ({ event: { actor } }) => actor,
};
