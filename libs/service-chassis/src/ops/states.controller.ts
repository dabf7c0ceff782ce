import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  loadShownState,
  stateDifference,
  type AnyFolding,
  type EventStore,
  type VersionedState,
} from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.module.ts';
import { readOptionsOf, type AsOf } from '../modules/events/as-of.ts';
import { EVENT_STORE, FOLDINGS, type FoldingByPrefix } from '../modules/events/event-store.tokens.ts';
import { Describe } from '../web/openapi/describe.ts';
import { notFound } from '../web/problems/problem.ts';
import {
  differenceQuery,
  differenceView,
  stateQuery,
  stateView,
  streamId,
  type versionOrTime,
} from '@millrace/operations/contract';

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
