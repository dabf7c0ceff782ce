import type { ListedParkedKey } from '@millrace/streaming-core/consumer';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { giveUpAfterNextAttempt, listParked, retryNow } from '@millrace/streaming-core/consumer';
import { outboxFigures } from '@millrace/streaming-core/outbox';
import {
  oldestWriter,
  type SqlDatabase,
  type SqlRow,
  type SqlTransaction,
} from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.tokens.ts';
import { Describe } from '../web/openapi/describe.ts';
import { decodeCursor, pageFrom } from '../web/http/pagination.ts';
import { notFound } from '../web/problems/problem.ts';
import { GROUP_WATCHES, type GroupWatches } from '../observability/watch/group-watches.ts';
import { noteAction, type OperatorActionNote } from '../database/operator-actions.ts';
import {
  giveUpRequest,
  givenUpView,
  lagsView,
  outboxView,
  parkedPage,
  parkedPlace,
  parkedPosition,
  parkedQuery,
  retryRequest,
  triedView,
  type ParkedPage,
} from '@millrace/operations/contract';
import { actorHeader, readActor } from './request-headers.ts';

interface CursorRow extends SqlRow {
  readonly position: string;
  readonly publisher: string | null;
}

const publisherOfOutbox = `
  SELECT position, CASE WHEN lease_until > clock_timestamp() THEN holder END AS publisher
  FROM relay_cursor WHERE name = 'outbox'`;

@Controller('ops')
export class OpsMessagingController {
  constructor(
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(GROUP_WATCHES) private readonly groups: GroupWatches,
  ) {}

  @Get('outbox')
  @Describe({ summary: 'Get the depth of the outbox, and who publishes it', answers: { 200: outboxView } })
  async outbox(): Promise<z.infer<typeof outboxView>> {
    const figures = await outboxFigures(this.database);
    const { rows } = await this.database.query<CursorRow>(publisherOfOutbox);
    const blocker = figures.pending > 0 ? await oldestWriter(this.database) : undefined;
    return {
      ...figures,
      publisher: rows[0]?.publisher ?? null,
      position: rows[0]?.position ?? '0',
      blocker: blocker ?? null,
    };
  }

  @Get('projections')
  @Describe({ summary: 'Get how far consumers and read models are behind', answers: { 200: lagsView } })
  projections(): z.infer<typeof lagsView> {
    const items = [...this.groups.latestLags()].flatMap(([group, lags]) =>
      lags.map(({ topic, partition, lag, lagMs }) => ({
        group,
        topic,
        partition,
        messages: Number(lag),
        seconds: lagMs === undefined ? null : lagMs / 1_000,
      })),
    );
    return { items };
  }

  @Get('parked-keys')
  @Describe({
    summary: 'List the keys whose messages wait behind one that fails',
    answers: { 200: parkedPage },
  })
  async parked(@Query({ schema: parkedQuery }) { topic, limit, after }: z.infer<typeof parkedQuery>) {
    const place = decodeCursor(after, parkedPlace, 'after');
    const rows = await listParked(this.database, {
      topic,
      after: place === undefined ? undefined : BigInt(place),
      limit: limit + 1,
    });
    const { items, nextCursor } = pageFrom(rows, limit, ({ position }) => String(position));
    return { items: items.map(parkedViewOf), nextCursor };
  }

  @Post('parked-keys/:position/give-up')
  @HttpCode(200)
  @Describe({
    summary: 'Give up the message that holds up a parked key',
    description:
      'Its next attempt, which is due within five minutes, is its last: if it fails, the message becomes a ' +
      'dead letter and the rest of its key goes on.',
    requiredHeaders: [actorHeader],
    answers: { 200: givenUpView },
    problems: { 404: ['unknown_parked_key'] },
  })
  async giveUp(
    @Param('position', { schema: parkedPosition }) position: string,
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: giveUpRequest }) { reason }: z.infer<typeof giveUpRequest>,
  ): Promise<z.infer<typeof givenUpView>> {
    const note = { actor: readActor(who), reason, action: 'give up parked key', subject: position };
    return this.database.transaction(async (transaction) => {
      await actOnParked(transaction, giveUpAfterNextAttempt, note);
      const place = BigInt(position);
      const [key] = await listParked(transaction, { after: place - 1n, limit: 1 });
      return { position, retryAt: key?.position === place ? key.retryAt.toISOString() : null };
    });
  }

  @Post('parked-keys/:position/retry')
  @HttpCode(200)
  @Describe({
    summary: 'Try the message that holds up a parked key now',
    description:
      'The process that owns its partition tries it within seconds. If it fails, it waits for its next pause.',
    requiredHeaders: [actorHeader],
    answers: { 200: triedView },
    problems: { 404: ['unknown_parked_key'] },
  })
  async retry(
    @Param('position', { schema: parkedPosition }) position: string,
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: retryRequest }) { reason }: z.infer<typeof retryRequest>,
  ): Promise<z.infer<typeof triedView>> {
    const note = { actor: readActor(who), reason, action: 'retry parked key', subject: position };
    await this.database.transaction((transaction) => actOnParked(transaction, retryNow, note));
    return { position };
  }
}

async function actOnParked(
  transaction: SqlTransaction,
  act: (transaction: SqlTransaction, position: bigint) => Promise<boolean>,
  note: OperatorActionNote,
): Promise<void> {
  if (!(await act(transaction, BigInt(note.subject))))
    throw notFound('unknown_parked_key', 'No parked message has this position: it was handled or given up');
  await noteAction(transaction, note);
}

const parkedViewOf = ({
  position,
  offset,
  parkedAt,
  retryAt,
  ...row
}: ListedParkedKey): ParkedPage['items'][number] => ({
  ...row,
  position: String(position),
  offset: String(offset),
  parkedAt: parkedAt?.toISOString() ?? null,
  retryAt: retryAt.toISOString(),
});
