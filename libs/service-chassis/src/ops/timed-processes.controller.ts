import { Controller, Get, Inject, Query } from '@nestjs/common';
import {
  timedProcessesQuery,
  timedProcessesView,
  type TimedProcessesView,
} from '@millrace/operations/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.tokens.ts';
import { OPERATED_PROCESSES, type OperatedProcess } from '../modules/saga/operated-processes.ts';
import { Describe } from '../web/openapi/describe.ts';

@Controller('ops/timed-processes')
export class OpsTimedProcessesController {
  constructor(
    @Inject(OPERATED_PROCESSES) private readonly processes: readonly OperatedProcess[],
    @Inject(DATABASE) private readonly database: SqlDatabase,
  ) {}

  @Get()
  @Describe({
    summary: 'List the instances of timed processes that have not ended, or get one by its id',
    description:
      'A timed process is directed by no saga: services react to the events of the others, and a timer ends it. ' +
      'So operators cannot retry, skip, pause or compensate it. Act on the message that it waits for instead, ' +
      'which may be a dead letter or wait behind a parked key.',
    answers: { 200: timedProcessesView },
  })
  async list(
    @Query({ schema: timedProcessesQuery }) { process, id, limit }: z.infer<typeof timedProcessesQuery>,
  ): Promise<TimedProcessesView> {
    const asked = this.processes.filter(({ name }) => process === undefined || name === process);
    const found = await Promise.all(
      asked.map(async ({ name, instances }) => {
        const one = id === undefined ? undefined : await instances.one(this.database, id);
        const shown = id === undefined ? await instances.open(this.database, limit) : one ? [one] : [];
        return shown.map((instance) => ({ process: name, ...instance }));
      }),
    );
    const items = found.flat().sort((one, other) => Date.parse(one.updatedAt) - Date.parse(other.updatedAt));
    return { items: items.slice(0, limit) };
  }
}
