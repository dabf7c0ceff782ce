import { Controller, Headers, Query } from '@nestjs/common';
import type { ActsPage } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { listLimit, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';

const listQuery = z.strictObject({
  service: text.optional(),
  limit: listLimit,
});

const everyMs = 3_000;

@Controller('api/acts')
@Undocumented()
export class ActsController {
  constructor(
    private readonly system: System,
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
    return this.answers.follow(`acts ${JSON.stringify([service, limit])}`, { everyMs, read }, lastEventId);
  }
}
