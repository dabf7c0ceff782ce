import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { askReachable, type OpsClient } from '@millrace/operations/client';
import { actor, holdAct, type HoldsView, type SagaDefinitionsView } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { Hold, SagaDefinitions, SagaService } from '../api/saga-definitions.ts';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';

const actPath = z.strictObject({ act: z.enum(['hold', 'release']), service: text });
const actBody = z.strictObject({ ...holdAct.shape, actor });

const paths = { hold: '/ops/saga-holds', release: '/ops/saga-holds/release' };
const everyMs = 2_000;

@Controller('api/saga-definitions')
@Undocumented()
export class SagaDefinitionsController {
  constructor(
    private readonly system: System,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('live')
  all(@Headers('last-event-id') lastEventId: string | undefined) {
    const read = () => readDefinitions(this.system.operators());
    return this.answers.follow('saga definitions', { everyMs, read }, lastEventId);
  }

  /** Answers with all that the service holds back after the act. */
  @Post('act/:act/:service')
  @HttpCode(200)
  async act(
    @Param({ schema: actPath }) { act, service }: z.infer<typeof actPath>,
    @Body({ schema: actBody }) { actor: who, ...body }: z.infer<typeof actBody>,
  ): Promise<{ readonly holds: readonly Hold[] }> {
    const ops = this.system.operatorOf(service, who);
    const answer = await throughOperators(ops.post<HoldsView>(paths[act], { body }));
    return { holds: answer.body.items };
  }
}

/** A service without sagas is left out; one that does not answer is named. */
async function readDefinitions(operators: readonly OpsClient[]): Promise<SagaDefinitions> {
  const { found, missing } = await askReachable(operators, async (ops): Promise<SagaService> => {
    const [definitions, holds] = await Promise.all([
      ops.get<SagaDefinitionsView>('/ops/saga-definitions'),
      ops.get<HoldsView>(paths.hold),
    ]);
    return { service: ops.service, definitions: definitions.body.items, holds: holds.body.items };
  });
  return { services: found, missing };
}
