import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { projectionName, rebuildAction } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';
import { ProjectionReader, projectionsPath } from './projection-reader.ts';

const projectionAct = z.strictObject({
  service: text,
  projection: projectionName,
  action: rebuildAction.shape.action,
});
const rebuildOrder = signed.extend({
  /** That of the rebuild as the page shows it, or 0: of two operators, only the first one acts. */
  revision: z.number().int().min(0),
});

const everyMs = 1_000;

@Controller('api/projections')
@Undocumented()
export class ProjectionsController {
  constructor(
    private readonly reader: ProjectionReader,
    private readonly system: System,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('live')
  live(@Headers('last-event-id') lastEventId: string | undefined) {
    const read = () => this.reader.read();
    return this.answers.follow('projections', { everyMs, read }, lastEventId);
  }

  @Post(':service/:projection/:action')
  @HttpCode(204)
  async act(
    @Param({ schema: projectionAct }) { service, projection, action }: z.infer<typeof projectionAct>,
    @Body({ schema: rebuildOrder }) { actor: who, reason: why, revision }: z.infer<typeof rebuildOrder>,
  ): Promise<void> {
    const ops = this.system.operatorOf(service, who);
    const path = `${projectionsPath}/${encodeURIComponent(projection)}/actions`;
    const ifMatch = action === 'rebuild' ? undefined : `"${revision}"`;
    await throughOperators(ops.post(path, { body: { action, reason: why }, ifMatch }));
  }
}
