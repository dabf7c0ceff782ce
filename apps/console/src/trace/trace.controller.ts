import { Controller, Headers, Param } from '@nestjs/common';
import { correlationId } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { TraceReader } from './trace-reader.ts';

const traceName = z.strictObject({ id: correlationId });

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
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const source = { everyMs, read: this.reader.following(id) };
    return this.answers.follow(`trace ${id}`, source, lastEventId);
  }
}
