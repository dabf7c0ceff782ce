import { Controller, Query } from '@nestjs/common';
import type { ActsPage } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Followed } from '../live/followed.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { listLimit, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';

const listQuery = z.strictObject({ service: text.optional(), limit: listLimit });

@Controller('api/acts')
@Undocumented()
export class ActsController {
  constructor(private readonly system: System) {}

  /** The newest first. */
  @Followed('live')
  list(@Query({ schema: listQuery }) { service, limit }: z.infer<typeof listQuery>) {
    const orderBy = ({ at }: ActsPage['items'][number]) => at;
    const order = { path: '/ops/acts', limit, orderBy, descending: true };
    return { everyMs: 3_000, read: () => firstOfAll(this.system.operatorsNamed(service), order) };
  }
}
