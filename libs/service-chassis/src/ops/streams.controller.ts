import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  type EventStore,
  listStreams,
  loadShownState,
  stateDifference,
  type AnyFolding,
  type VersionedState,
} from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import {
  streamId,
  streamQuery,
  streamsPage,
  streamsQuery,
  type StreamsPage,
  historyPage,
  correlationId,
  correlationQuery,
  correlationView,
  differenceQuery,
  differenceView,
  stateQuery,
  stateView,
  type versionOrTime,
} from '@millrace/operations/contract';
import { DATABASE } from '../database/database.tokens.ts';
import { readOptionsOf, historyOf, historyItemOf, type AsOf } from '../modules/events/history.ts';
import { EVENT_STORE, FOLDINGS, type FoldingByPrefix } from '../modules/events/event-store.tokens.ts';
import { decodeCursor, pageFrom } from '../web/http/pagination.ts';
import { Describe } from '../web/openapi/describe.ts';
import { notFound } from '../web/problems/problem.ts';
import { SERVICE, type ServiceIdentity } from '../ground/config/service-config.ts';

@Controller('ops/streams')
export class OpsStatesController {
  constructor(
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(FOLDINGS) private readonly foldings: FoldingByPrefix,
  ) {}

  @Get(':id/state')
  @Describe({
    summary: 'Get the state of a stream now, at a version or at a moment, with personal values hidden',
    answers: { 200: stateView },
    problems: { 404: ['unknown_stream', 'not_folded'] },
  })
  async state(
    @Param('id', { schema: streamId }) stream: string,
    @Query({ schema: stateQuery }) asOf: z.infer<typeof stateQuery>,
  ): Promise<z.infer<typeof stateView>> {
    const { state, version } = existing(await this.load(stream, asOf));
    return { stream, version: Number(version), state };
  }

  @Get(':id/difference')
  @Describe({
    summary: 'Get what has changed in the state of a stream between two versions or moments',
    answers: { 200: differenceView },
    problems: { 404: ['unknown_stream', 'not_folded'] },
  })
  async difference(
    @Param('id', { schema: streamId }) stream: string,
    @Query({ schema: differenceQuery }) { from, to }: z.infer<typeof differenceQuery>,
  ): Promise<z.infer<typeof differenceView>> {
    const after = existing(await this.load(stream, asOfPlace(to)));
    const before = await this.load(stream, asOfPlace(from));
    const changes = stateDifference(before.state, after.state);
    return { stream, from: Number(before.version), to: Number(after.version), changes: [...changes] };
  }

  private load(stream: string, asOf: Pick<AsOf, 'version' | 'at'>): Promise<VersionedState<unknown>> {
    const folding = foldingOf(this.foldings, stream);
    if (folding === undefined)
      throw notFound('not_folded', 'The service has no state of streams with such a name, only their events');
    return loadShownState(this.database, this.store, folding, stream, readOptionsOf(asOf));
  }
}

/** Returns the folding with the longest prefix of the stream's name, or undefined if there is none. */
function foldingOf(foldings: FoldingByPrefix, stream: string): AnyFolding | undefined {
  const prefixes = Object.keys(foldings).filter((prefix) => stream.startsWith(prefix));
  const longest = prefixes.sort((one, other) => other.length - one.length)[0];
  return longest === undefined ? undefined : foldings[longest];
}

function existing<State>(found: VersionedState<State>): VersionedState<State> {
  if (found.version > 0n) return found;
  throw notFound('unknown_stream', 'The service has no such stream, or it had no events by then');
}

const asOfPlace = (at: z.infer<typeof versionOrTime> | undefined): Pick<AsOf, 'version' | 'at'> =>
  typeof at === 'number' ? { version: at } : { at };

@Controller('ops/correlations')
export class OpsCorrelationsController {
  constructor(
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Get(':id')
  @Describe({
    summary: 'Get the events of this service that belong to one correlation',
    answers: { 200: correlationView },
  })
  async one(
    @Param('id', { schema: correlationId }) id: string,
    @Query({ schema: correlationQuery }) { limit }: z.infer<typeof correlationQuery>,
  ): Promise<z.infer<typeof correlationView>> {
    const found = await this.store.readCorrelated(this.database, id, { limit: limit + 1, opens: false });
    const items = found.slice(0, limit).map((event) => ({ ...historyItemOf(event), stream: event.stream }));
    return { service: this.service.name, items, complete: found.length <= limit };
  }
}

@Controller('ops/streams')
export class OpsStreamsController {
  constructor(
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Get()
  @Describe({ summary: 'List streams by the beginning of their names', answers: { 200: streamsPage } })
  async list(@Query({ schema: streamsQuery }) query: z.infer<typeof streamsQuery>): Promise<StreamsPage> {
    const { prefix, limit, after } = query;
    const last = decodeCursor(after, streamId, 'after');
    const found = await listStreams(this.database, { prefix, after: last, limit: limit + 1 });
    const { items, nextCursor } = pageFrom(found, limit, ({ stream }) => stream);
    return { items: items.map(listedStream), nextCursor };
  }

  @Get(':id')
  @Describe({
    summary: 'Get the events of a stream, as of now, a version or a moment, without personal data',
    answers: { 200: historyPage },
    problems: { 404: ['unknown_stream'] },
  })
  async one(
    @Param('id', { schema: streamId }) id: string,
    @Query({ schema: streamQuery }) { version, at, from, limit, after }: z.infer<typeof streamQuery>,
  ) {
    const asOf = readOptionsOf({ version, at });
    const page = await historyOf(this.database, this.store, id, {
      limit,
      cursor: after,
      from,
      asOf,
      field: 'after',
    });
    if (page.items.length === 0 && after === undefined)
      throw notFound('unknown_stream', 'The service has no such stream, or it had no events by then');
    return page;
  }
}

const listedStream = ({
  stream,
  version,
  updatedAt,
}: Awaited<ReturnType<typeof listStreams>>[number]): StreamsPage['items'][number] => ({
  stream,
  version: Number(version),
  updatedAt: updatedAt.toISOString(),
});
