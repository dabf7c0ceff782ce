import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { FastifyReply } from 'fastify';
import { AlwaysAdmitted } from './http/admission.ts';
import { Undocumented } from './openapi/describe.ts';
import { APP, type AppIdentity } from '../ground/config/app-config.ts';
import { LIFECYCLE, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';
import { HEALTH, type Health } from '../observability/health/health.ts';
import { METRICS, type Metrics } from '../observability/metrics/metrics.ts';

const namesMax = 100;
const metricName = z.string().max(200);
/** Unknown fields are ignored, since scrapers may add some. */
const scrapeQuery = z.object({
  'name[]': z.union([metricName, z.array(metricName).max(namesMax)]).optional(),
});

async function metricsNamed(names: readonly string[], registry: Registry): Promise<string> {
  const known = names.filter((name) => registry.getSingleMetric(name) !== undefined);
  return `${(await Promise.all(known.map((name) => registry.getSingleMetricAsString(name)))).join('\n\n')}\n`;
}

@Controller()
@Undocumented()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  /**
   * Answers in the Prometheus text format 0.0.4. With `name[]`, as Prometheus' Java client has it, only
   * these metrics are collected; a name that the process does not have is left out.
   */
  @Get('metrics')
  @AlwaysAdmitted()
  async scrape(
    @Query({ schema: scrapeQuery }) { 'name[]': names }: z.infer<typeof scrapeQuery>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { registry } = this.metrics;
    reply.header('content-type', registry.contentType);
    return names === undefined ? registry.metrics() : metricsNamed([names].flat(), registry);
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
