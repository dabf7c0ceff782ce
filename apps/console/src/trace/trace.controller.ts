import { Controller, Headers, Param, Query } from '@nestjs/common';
import { correlationId } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { TraceReader } from './trace-reader.ts';

const traceName = z.strictObject({ id: correlationId });

/** A page that wants to follow a settled trace again gives another number. */
const traceQuery = z.strictObject({ look: z.coerce.number().int().min(0).max(1_000_000).default(0) });

const everyMs = 1_500;

@Controller('api/trace')
@Undocumented()
export class TraceController {
  constructor(
    private readonly reader: TraceReader,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('live/:id')
  follow(
    @Param({ schema: traceName }) { id }: z.infer<typeof traceName>,
    @Query({ schema: traceQuery }) { look }: z.infer<typeof traceQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const source = { everyMs, read: this.reader.following(id) };
    return this.answers.follow(`trace ${look} ${id}`, source, lastEventId);
  }
}
