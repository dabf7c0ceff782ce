import { Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { Describe, Live, LiveAnswers } from '@millrace/service-chassis/app';
import type { FastifyReply } from 'fastify';
import { auditTime, map } from 'rxjs';
import { follows, stateAndChanges } from '../../live/followed.ts';
import { liveReadings } from '../../live/live-state.ts';
import { BooksCheck } from './books-check.ts';

const place = 'api/shop/books';
const shownEveryMs = 100;

/** The routes of the acts that a read-only console allows, since a check changes nothing. */
export const readingActs: readonly string[] = [`/${place}/check`, `/${place}/stop`];

@Controller(place)
export class BooksController {
  constructor(
    private readonly books: BooksCheck,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('live')
  @follows('Follow the check of the books', stateAndChanges)
  live(
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) { raw }: FastifyReply,
  ) {
    const readings = this.books.views.pipe(
      auditTime(shownEveryMs),
      map((value) => ({ value })),
      this.answers.paced(raw),
    );
    return this.answers.whileOpen(liveReadings(readings, lastEventId));
  }

  @Post('check')
  @HttpCode(204)
  @Describe({
    summary: 'Begin to check whether the books of all services agree',
    answers: { 204: null },
    problems: { 409: ['no_databases'], 429: ['checked_just_now'] },
  })
  check(): void {
    this.books.start();
  }

  @Post('stop')
  @HttpCode(204)
  @Describe({ summary: 'Stop the check of the books', answers: { 204: null } })
  stop(): void {
    this.books.stop();
  }
}
