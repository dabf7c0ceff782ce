import { Controller, Headers, Sse, UseGuards } from '@nestjs/common';
import { LongLived, Undocumented } from '@millrace/service-chassis/app';
import { LiveAnswers } from '../live/live-answers.ts';
import { OverviewReader } from './overview-reader.ts';

@Controller('api/overview')
@Undocumented()
export class OverviewController {
  constructor(
    private readonly overview: OverviewReader,
    private readonly answers: LiveAnswers,
  ) {}

  @Sse('live')
  @UseGuards(LiveAnswers)
  @LongLived()
  live(@Headers('last-event-id') lastEventId: string | undefined) {
    return this.answers.ofReadings(this.overview.readings, lastEventId);
  }
}
