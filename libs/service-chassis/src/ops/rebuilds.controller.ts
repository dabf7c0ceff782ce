import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { EventStoreError, type ProjectionProgress, type Rebuilds } from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.tokens.ts';
import { REBUILDS } from '../modules/events/event-store.tokens.ts';
import { Describe } from '../web/openapi/describe.ts';
import { ifMatchHeader, readIfMatch, actorHeader, readActor } from './request-headers.ts';
import { ProblemError, refusal } from '../web/problems/problem.ts';
import { noteAction } from '../database/operator-actions.ts';
import {
  projectionName,
  rebuildAction,
  rebuildsView,
  type RebuildsView,
} from '@millrace/operations/contract';

@Controller('ops/projections')
export class OpsRebuildsController {
  constructor(
    @Inject(REBUILDS) private readonly rebuilds: Rebuilds,
    @Inject(DATABASE) private readonly database: SqlDatabase,
  ) {}

  @Get('rebuilds')
  @Describe({
    summary: 'List the rebuilds of read models that have not ended, and what can be rebuilt',
    answers: { 200: rebuildsView },
  })
  async list(): Promise<z.infer<typeof rebuildsView>> {
    const items = (await this.rebuilds.progress()).map(rebuildViewOf);
    return { items, rebuildable: [...this.rebuilds.names] };
  }

  @Post(':projection/actions')
  @HttpCode(200)
  @Describe({
    summary: 'Rebuild a read model beside the live one, or pause, resume or cancel that',
    description:
      'With `If-Match`, the revision of the rebuild as the operator has seen it, a rebuild that was begun ' +
      'again, paused or resumed since is left alone.',
    requiredHeaders: [actorHeader],
    answers: { 200: rebuildsView },
    problems: {
      409: ['rebuild_not_possible', 'rebuild_running', 'rebuild_unknown'],
      412: ['version_moved'],
    },
  })
  async act(
    @Param('projection', { schema: projectionName }) projection: string,
    @Headers(actorHeader) who: string | undefined,
    @Headers(ifMatchHeader) ifMatch: string | undefined,
    @Body({ schema: rebuildAction }) { action, reason }: z.infer<typeof rebuildAction>,
  ): Promise<z.infer<typeof rebuildsView>> {
    const actor = readActor(who);
    const seen = ifMatch === undefined ? undefined : readIfMatch(ifMatch);
    const acted =
      action === 'rebuild' ? this.rebuilds.begin(projection) : this.rebuilds[action](projection, seen);
    await acted.catch(refused);
    await noteAction(this.database, { actor, reason, action: `${action} projection`, subject: projection });
    return this.list();
  }
}

const titles: Readonly<Record<string, string>> = {
  rebuild_not_possible: 'The service has no such read model that can be rebuilt',
  rebuild_running: 'The read model is already being rebuilt',
  rebuild_unknown: 'The read model is not being rebuilt',
};

function refused(error: unknown): never {
  if (error instanceof EventStoreError && error.code === 'rebuild_moved')
    throw refusal('version_moved', { detail: error.message });
  const title = error instanceof EventStoreError ? titles[error.code] : undefined;
  if (title === undefined) throw error;
  const { code, message: detail } = error as EventStoreError;
  throw new ProblemError(409, code, title, { detail });
}

const rebuildViewOf = ({
  position,
  last,
  startedAt,
  revision,
  lagEvents,
  rate,
  remainingMs,
  ...progress
}: ProjectionProgress): RebuildsView['items'][number] => ({
  ...progress,
  startedAt: startedAt.toISOString(),
  revision: Number(revision),
  position: String(position),
  last: String(last),
  lagEvents: Number(lagEvents),
  eventsPerSecond: rate,
  remainingMs: remainingMs ?? null,
});
