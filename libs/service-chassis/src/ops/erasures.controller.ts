import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Describe } from '../web/openapi/describe.ts';
import { Repeatable } from '../web/idempotency/idempotency-key.ts';
import { SUBJECT_ERASURES } from '../modules/personal/personal-data.tokens.ts';
import type { SubjectErasures, ErasureStatus } from '../modules/personal/subject-erasures.ts';
import { erasureRequest, erasureSubject, erasureView } from '@millrace/operations/contract';
import { actorHeader, readActor } from './request-headers.ts';

@Controller('ops/erasures')
export class OpsErasuresController {
  constructor(@Inject(SUBJECT_ERASURES) private readonly erasures: SubjectErasures) {}

  @Get(':subject')
  @Describe({
    summary: 'Get how far this service is with the erasure of a subject',
    answers: { 200: erasureView },
  })
  async one(
    @Param('subject', { schema: erasureSubject }) subject: string,
  ): Promise<z.infer<typeof erasureView>> {
    return erasureViewOf(await this.erasures.status(subject));
  }

  @Post(':subject')
  @Repeatable()
  @HttpCode(200)
  @Describe({
    summary: 'Take the next step to erase the personal data of a subject in this service',
    description:
      'The first request closes the subject for new work in all services. Once nothing needs the data ' +
      'any more, a request destroys the key of this service for good.',
    requiredHeaders: [actorHeader],
    answers: { 200: erasureView },
  })
  async erase(
    @Param('subject', { schema: erasureSubject }) subject: string,
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: erasureRequest }) { reason, ids, more }: z.infer<typeof erasureRequest>,
  ): Promise<z.infer<typeof erasureView>> {
    const actor = readActor(who);
    return erasureViewOf(await this.erasures.erase({ subject, ids, more, actor, reason }));
  }
}

function erasureViewOf(status: ErasureStatus): z.infer<typeof erasureView> {
  if ('at' in status) return { ...status, at: status.at.toISOString() };
  return 'until' in status ? { ...status, until: status.until.toISOString() } : status;
}
