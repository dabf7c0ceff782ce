import { Controller, Get, Inject, Query } from '@nestjs/common';
import { actPlace, actsPage, actsQuery, type ActsPage } from '@millrace/operations/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.tokens.ts';
import { listActions, type ListedAction } from '../database/operator-actions.ts';
import { decodeCursor, pageFrom } from '../web/http/pagination.ts';
import { Describe } from '../web/openapi/describe.ts';

@Controller('ops/acts')
export class OpsActsController {
  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Get()
  @Describe({
    summary: 'List the acts of operators, the newest first',
    description:
      'An act on one saga is an event of the saga, and a decision about a dead letter stands with the letter. ' +
      'This list has the others.',
    answers: { 200: actsPage },
  })
  async list(@Query({ schema: actsQuery }) { limit, after }: z.infer<typeof actsQuery>): Promise<ActsPage> {
    const place = decodeCursor(after, actPlace, 'after');
    const found = await listActions(this.database, {
      before: place === undefined ? undefined : BigInt(place),
      limit: limit + 1,
    });
    const { items, nextCursor } = pageFrom(found, limit, ({ id }) => String(id));
    return { items: items.map(actViewOf), nextCursor };
  }
}

const actViewOf = ({ at, actor, action, subject, reason }: ListedAction): ActsPage['items'][number] => ({
  at: at.toISOString(),
  actor,
  action,
  subject,
  reason,
});
