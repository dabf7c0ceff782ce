import { Controller, Headers, Query } from '@nestjs/common';
import type { ActsPage } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { Sources } from '../live/sources.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { System } from '../system/system.ts';

const listQuery = z.strictObject({
  service: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

const everyMs = 3_000;

@Controller('api/acts')
@Undocumented()
export class ActsController {
  constructor(
    private readonly system: System,
    private readonly sources: Sources,
    private readonly answers: LiveAnswers,
  ) {}

  /** The newest first. */
  @Live('live')
  list(
    @Query({ schema: listQuery }) { service, limit }: z.infer<typeof listQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const read = async () =>
      firstOfAll<ActsPage['items'][number]>(this.system.operatorsNamed(service), {
        path: '/ops/acts',
        limit,
        orderBy: ({ at }) => at,
        descending: true,
      });
    const readings = this.sources.follow(`acts ${JSON.stringify([service, limit])}`, { everyMs, read });
    return this.answers.ofReadings(readings, lastEventId);
  }
}
