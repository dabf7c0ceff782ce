import { askReachable, InvalidInput, OperationFailed, type OpsClient } from '@millrace/operations/client';
import type { FeedPage } from '@millrace/operations/contract';
import { pause } from '@millrace/streaming-core/runtime';
import type { Call, CommandDefinition } from '../command/command.ts';
import { opsClient, opsClients, opsOption } from '../operators.ts';
import { jsonOf } from '../terminal/show.ts';

/** An event with the service that has recorded it. */
type FedEvent = FeedPage['items'][number] & { readonly service: string };

/** Where the next page of a service begins. */
type Place = { readonly from: string } | { readonly after: string };

/** A request of the feed that is the same for each page. */
type Filter = Readonly<Record<'type' | 'stream', string | undefined>>;

const limitByDefault = 100;
const pageMax = 200;
const everyMs = 1_000;

export const streamFeed: CommandDefinition = {
  name: 'feed',
  summary: 'shows the events of all streams, without personal data, and follows them',
  arguments: [
    {
      name: '[service]',
      meaning: 'one service, such as order, in the order of positions; default: all, by time',
    },
  ],
  options: [
    {
      flags: '--from <place>',
      meaning:
        'beginning, end, or a position of the service (default: beginning, or end with --follow); inclusive',
    },
    { flags: '--type <name>', meaning: 'only events of this type, such as OrderCreated' },
    { flags: '--stream <name>', meaning: 'only events of this stream, such as order-ORDER' },
    { flags: '--follow', meaning: 'wait for new events until Ctrl-C' },
    {
      flags: '--limit <count>',
      meaning: `end after so many events (default: ${limitByDefault}, none with --follow)`,
    },
    opsOption,
  ],
  examples: [
    'streams feed --follow',
    'streams feed order --type OrderCreated --limit 10',
    'streams feed order --from 1200 --json',
  ],
  async run(call) {
    const { options, session } = call;
    const follow = options.flag('follow');
    const limit = options.count('limit', 1) ?? (follow ? Number.POSITIVE_INFINITY : limitByDefault);
    const start = { from: startOf(call, follow ? 'end' : 'beginning') };
    const filter = { type: options.text('type'), stream: options.text('stream') };
    const [service] = call.args;
    const clients = service === undefined ? opsClients(call) : [opsClient(call, service)];
    let shown = 0;
    for await (const event of follow
      ? followed(call, clients, start, filter)
      : await first(call, clients, start, filter, limit)) {
      if (options.flag('json')) session.terminal.out(jsonOf(event, 0));
      else eventLines(event).forEach(session.terminal.out);
      shown += 1;
      if (shown === limit) break;
    }
    if (shown === 0 && !follow) session.terminal.err('no such event');
    if (shown === limit) session.terminal.err(`ended after ${shown} events: --limit sets another number`);
  },
};

function startOf({ args, options }: Call, byDefault: string): string {
  const from = options.text('from') ?? byDefault;
  if (from === 'beginning' || from === 'end') return from;
  if (!/^\d{1,18}$/.test(from)) throw new InvalidInput(`--from ${from}: give beginning, end or a position`);
  if (args.length === 0)
    throw new InvalidInput(
      `--from ${from} is a position of one service: name it, as in streams feed SERVICE`,
    );
  return from;
}

/** Reads the first events of all services. */
async function first(
  call: Call,
  clients: readonly OpsClient[],
  start: Place,
  filter: Filter,
  limit: number,
): Promise<readonly FedEvent[]> {
  const { found, missing } = await askReachable(clients, (ops) => readOn(ops, start, filter, limit));
  if (found.length === 0) throw new OperationFailed(missing[0] ?? noFeedAt(clients));
  missing.forEach(call.incomplete);
  return inOrder(found).slice(0, limit);
}

/** Asks every service for what is new until Ctrl-C, also while one of them is away. */
async function* followed(
  { session: { terminal, clock, signal } }: Call,
  clients: readonly OpsClient[],
  start: Place,
  filter: Filter,
): AsyncGenerator<FedEvent> {
  const places = new Map<OpsClient, Place>();
  let told: readonly string[] = [];
  while (!signal.aborted) {
    const { found, missing } = await askReachable(clients, (ops) =>
      readOn(ops, places.get(ops) ?? start, filter, pageMax),
    );
    if (places.size === 0 && found.length === 0) throw new OperationFailed(missing[0] ?? noFeedAt(clients));
    for (const why of missing) if (!told.includes(why)) terminal.err(why);
    told = missing;
    for (const { ops, next } of found) places.set(ops, next);
    yield* inOrder(found);
    if (found.every(({ caughtUp }) => caughtUp)) await pause(clock, everyMs, signal);
  }
}

const noFeedAt = (clients: readonly OpsClient[]): string =>
  `no feed of events at ${clients.map(({ service }) => service).join(', ')}`;

interface Found {
  readonly ops: OpsClient;
  readonly items: readonly FedEvent[];
  readonly next: Place;
  readonly caughtUp: boolean;
}

/** Reads pages until it has `limit` events or all that there are. */
async function readOn(ops: OpsClient, start: Place, filter: Filter, limit: number): Promise<Found> {
  const items: FedEvent[] = [];
  let next = start;
  for (;;) {
    const asked = { ...filter, ...next, limit: String(Math.min(pageMax, limit - items.length)) };
    const { body } = await ops.get<FeedPage>('/ops/events', asked);
    items.push(...body.items.map((item) => ({ service: ops.service, ...item })));
    next = { after: body.nextCursor };
    if (body.caughtUp || items.length >= limit) return { ops, items, next, caughtUp: body.caughtUp };
  }
}

/** The events of one service stay in the order of their positions. Those of several are merged by time. */
const inOrder = (found: readonly Found[]): readonly FedEvent[] =>
  found.length === 1 ? (found[0]?.items ?? []) : found.flatMap(({ items }) => items).sort(byTime);

const byTime = (one: FedEvent, other: FedEvent): number =>
  Date.parse(one.recordedAt) - Date.parse(other.recordedAt);

/** Renders an event for people: a line about it, and the rest of it. */
const eventLines = (event: FedEvent): readonly string[] => {
  const { service, position, stream, version, type, recordedAt, ...rest } = event;
  return [
    `${service}@${position}  ${recordedAt}  ${stream}  ${version}  ${type}`,
    `  ${JSON.stringify(rest)}`,
  ];
};
