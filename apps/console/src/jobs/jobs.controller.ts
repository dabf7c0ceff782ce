import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { Undocumented } from '@millrace/service-chassis/app';
import { Jobs } from './jobs.ts';

@Controller('api/jobs')
@Undocumented()
export class JobsController {
  constructor(private readonly jobs: Jobs) {}

  @Post(':id/stop')
  @HttpCode(204)
  stop(@Param('id') id: string): void {
    this.jobs.stop(id);
  }
}
