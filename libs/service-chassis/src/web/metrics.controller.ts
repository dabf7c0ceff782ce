import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AlwaysAdmitted } from './http/admission.ts';
import { Undocumented } from './openapi/describe.ts';
import { METRICS, type Metrics } from '../observability/metrics/metrics.ts';

@Controller()
@Undocumented()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  /** Answers in the Prometheus text format 0.0.4. */
  @Get('metrics')
  @AlwaysAdmitted()
  async scrape(@Res({ passthrough: true }) reply: FastifyReply) {
    reply.header('content-type', this.metrics.registry.contentType);
    return this.metrics.registry.metrics();
  }
}
