import { Controller, Headers, Res } from '@nestjs/common';
import { Live, LiveAnswers, type LiveMessage } from '@millrace/service-chassis/app';
import type { FastifyReply } from 'fastify';
import { auditTime, combineLatest, map } from 'rxjs';
import type { ChartBatch } from '../api/charts.ts';
import type { OverviewState } from '../api/overview.ts';
import { Jobs } from '../jobs/jobs.ts';
import { follows, stateAndChanges } from '../live/followed.ts';
import { liveReadings } from '../live/live-state.ts';
import type { Reading } from '../live/sources.ts';
import { OverviewReader } from './overview-reader.ts';

const shownEveryMs = 200;

@Controller('api/overview')
export class OverviewController {
  constructor(
    private readonly overview: OverviewReader,
    private readonly jobs: Jobs,
    private readonly answers: LiveAnswers,
  ) {}

  /**
   * The overview and the jobs, which every page follows in one answer, since a browser has few
   * connections.
   */
  @Live('live')
  @follows('Follow the overview of the system, and the jobs', stateAndChanges)
  live(
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) { raw }: FastifyReply,
  ) {
    const states = combineLatest([this.overview.readings, this.jobs.views]).pipe(
      auditTime(shownEveryMs),
      map(([reading, jobs]): Reading<OverviewState> => ({
        ...reading,
        value: { ...reading.value, jobs },
      })),
      this.answers.paced(raw),
    );
    return this.answers.whileOpen(liveReadings(states, lastEventId));
  }

  @Live('charts')
  @follows(
    'Follow the figures of the system over time',
    'The points that the console remembers, and after that those that were added.',
  )
  charts() {
    let sentMs = 0;
    const batches = this.overview.readings.pipe(
      map(({ failure = null }, index): LiveMessage => {
        const batch: ChartBatch = { isFirst: index === 0, ...this.overview.history.after(sentMs) };
        sentMs = batch.points.at(-1)?.atMs ?? sentMs;
        return { type: 'snapshot', data: { ...batch, failure } };
      }),
    );
    return this.answers.whileOpen(batches);
  }
}
