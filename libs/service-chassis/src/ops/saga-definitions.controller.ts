import { Controller, Get, Inject } from '@nestjs/common';
import type { SagaEngine } from '@millrace/saga';
import { sagaDefinitionsView, type SagaDefinitionsView } from '@millrace/operations/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { DATABASE } from '../database/database.tokens.ts';
import { SAGA_ENGINE } from '../modules/saga/saga-engine.token.ts';
import { Describe } from '../web/openapi/describe.ts';

@Controller('ops/saga-definitions')
export class OpsSagaDefinitionsController {
  constructor(
    @Inject(SAGA_ENGINE) private readonly engine: SagaEngine,
    @Inject(DATABASE) private readonly database: SqlDatabase,
  ) {}

  @Get()
  @Describe({
    summary: 'Get the parts of every saga, and how many sagas wait at each',
    description:
      'Shows each definition and version that the process knows. The call reads at most 10000 live sagas of each ' +
      'version, through an index.',
    answers: { 200: sagaDefinitionsView },
  })
  async list(): Promise<SagaDefinitionsView> {
    return { items: await this.engine.registeredDefinitions(this.database) };
  }
}
