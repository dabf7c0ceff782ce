import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  applicationPlace,
  applicationsView,
  storeQuery,
  storeView,
  type ApplicationsView,
  type StoreView,
} from '@millrace/operations/contract';
import type { z } from 'zod';
import {
  applicationView,
  OPERATED_APPLICATIONS,
  type OperatedApplication,
} from '../modules/stream-processing/operated-applications.ts';
import { readStore } from '../modules/stream-processing/read-store.ts';
import { Describe } from '../web/openapi/describe.ts';
import { notFound } from '../web/problems/problem.ts';

@Controller('ops/applications')
export class OpsApplicationsController {
  constructor(@Inject(OPERATED_APPLICATIONS) private readonly applications: readonly OperatedApplication[]) {}

  @Get()
  @Describe({
    summary:
      'Get the stream applications of this process: topology, tasks, stores and what is left to restore',
    answers: { 200: applicationsView },
  })
  list(): ApplicationsView {
    return { items: this.applications.map(applicationView) };
  }

  @Get(':id/stores/:store')
  @Describe({
    summary: 'Get what this process has of a store, of one key or of the first keys',
    description:
      'Each key is in one process, so ask all of them. The answer ends early once it has more than 1 MB. A store of ' +
      'sessions needs a key. Values may be personal data, if the application stores some.',
    answers: { 200: storeView },
    problems: { 404: ['unknown_application', 'unknown_store'] },
  })
  store(
    @Param('id', { schema: applicationPlace }) id: string,
    @Param('store', { schema: applicationPlace }) store: string,
    @Query({ schema: storeQuery }) { key, keyHex, limit }: z.infer<typeof storeQuery>,
  ): StoreView {
    const operated = this.applications.find(({ applicationId }) => applicationId === id);
    if (operated === undefined)
      throw notFound('unknown_application', 'No such stream application runs in this process');
    const bytes = keyHex === undefined ? key : Buffer.from(keyHex, 'hex');
    const found = readStore(operated, {
      store,
      key: bytes === undefined ? undefined : Buffer.from(bytes),
      limit,
    });
    if (found === undefined)
      throw notFound('unknown_store', 'The application has no store of this name that can be queried');
    return found;
  }
}
