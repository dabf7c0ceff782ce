import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { Undocumented } from '@millrace/service-chassis/app';
import { auditTime, map } from 'rxjs';
import { Live, LiveAnswers } from '../../live/live-answers.ts';
import { BooksCheck } from './books-check.ts';

const place = 'api/shop/books';
const shownEveryMs = 100;

/** The routes of the acts that a read-only console allows, since a check changes nothing. */
export const readingActs: readonly string[] = [`/${place}/check`, `/${place}/stop`];

@Controller(place)
@Undocumented()
export class BooksController {
  constructor(
    private readonly books: BooksCheck,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('live')
  live(@Headers('last-event-id') lastEventId: string | undefined) {
    const readings = this.books.views.pipe(
      auditTime(shownEveryMs),
      map((value) => ({ value })),
    );
    return this.answers.ofReadings(readings, lastEventId);
  }

  @Post('check')
  @HttpCode(204)
  check(): void {
    this.books.start();
  }

  @Post('stop')
  @HttpCode(204)
  stop(): void {
    this.books.stop();
  }
}
