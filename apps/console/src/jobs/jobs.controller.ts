import { Controller, Headers, HttpCode, Param, Post, Sse, UseGuards } from '@nestjs/common';
import { LongLived, Undocumented } from '@millrace/service-chassis/app';
import { auditTime, map } from 'rxjs';
import { LiveAnswers } from '../live/live-answers.ts';
import { Jobs } from './jobs.ts';

const shownEveryMs = 200;

@Controller('api/jobs')
@Undocumented()
export class JobsController {
  constructor(
    private readonly jobs: Jobs,
    private readonly answers: LiveAnswers,
  ) {}

  @Sse('live')
  @UseGuards(LiveAnswers)
  @LongLived()
  live(@Headers('last-event-id') lastEventId: string | undefined) {
    const readings = this.jobs.views.pipe(
      auditTime(shownEveryMs),
      map((jobs) => ({ value: { jobs } })),
    );
    return this.answers.ofReadings(readings, lastEventId);
  }

  @Post(':id/stop')
  @HttpCode(204)
  stop(@Param('id') id: string): void {
    this.jobs.stop(id);
  }
}
