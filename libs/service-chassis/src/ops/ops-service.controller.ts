import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { SERVICE, type ServiceIdentity } from '../ground/config/service.ts';
import { Describe } from '../web/openapi/describe.ts';
import { LIFECYCLE, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';

const serviceView = z
  .object({
    service: z.string(),
    instance: z.string().nullable().describe('The name that the process keeps across restarts'),
    roles: z.array(z.string()),
    state: z.enum(['starting', 'running', 'draining']),
  })
  .describe('The process that answers');

@Controller('ops')
export class OpsServiceController {
  constructor(
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
  ) {}

  @Get()
  @Describe({ summary: 'Get the service and the process that answers', answers: { 200: serviceView } })
  get(): z.infer<typeof serviceView> {
    const { name, config } = this.service;
    return {
      service: name,
      instance: config.instance ?? null,
      roles: [...config.roles],
      state: this.lifecycle.state,
    };
  }
}
