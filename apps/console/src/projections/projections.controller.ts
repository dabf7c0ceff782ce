import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { projectionName, rebuildAction } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Followed } from '../live/followed.ts';
import { signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { projectionsPath, readProjections } from './read-projections.ts';

const { action } = rebuildAction.shape;
const rebuildAct = z.strictObject({ service: text, projection: projectionName, action });
const rebuildOrder = signed.extend({
  /** That of the rebuild as the page shows it, or 0: of two operators, only the first one acts. */
  revision: z.number().int().min(0),
});

@Controller('api/projections')
@Undocumented()
export class ProjectionsController {
  constructor(private readonly system: System) {}

  @Followed('live')
  all() {
    return { everyMs: 1_000, read: () => readProjections(this.system) };
  }

  @Post(':service/:projection/:action')
  @HttpCode(204)
  act(
    @Param({ schema: rebuildAct }) { service, projection, action: what }: z.infer<typeof rebuildAct>,
    @Body({ schema: rebuildOrder }) { revision, ...order }: z.infer<typeof rebuildOrder>,
  ): Promise<void> {
    const path = `${projectionsPath}/${encodeURIComponent(projection)}/actions`;
    const seen = what === 'rebuild' ? undefined : revision;
    return this.system.act(service, path, { ...order, action: what }, seen);
  }
}
