import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AlwaysAdmitted } from './http/admission.ts';
import { Undocumented } from './openapi/describe.ts';
import { APP, type AppIdentity } from '../ground/config/app-config.ts';
import { LIFECYCLE, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';
import { HEALTH, type Health } from '../observability/health/health.ts';
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

/** Tells an orchestrator whether the process is alive, and whether it accepts work. */
@Controller()
@Undocumented()
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: Health,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
    @Inject(APP) private readonly app: AppIdentity,
  ) {}

  @Get('livez')
  @AlwaysAdmitted()
  live() {
    return { status: 'alive' };
  }

  @Get('readyz')
  @AlwaysAdmitted()
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { healthy, degraded, checks } = await this.health.report();
    const { state } = this.lifecycle;
    const ready = healthy && state === 'running';
    reply.status(ready ? 200 : 503);
    const { roles = ['api'] } = this.app.config;
    const unready = state === 'running' ? 'unhealthy' : state;
    return { status: !ready ? unready : degraded ? 'degraded' : 'ready', roles, checks };
  }
}
