import { Module, type DynamicModule } from '@nestjs/common';
import { StreamsModule } from '@millrace/service-chassis/streams';
import { seconds } from '@millrace/streams';
import type { AnalyticsConfig } from './config.ts';
import { AnalyticsController } from './http.ts';
import { applicationId, refusedEvents, topology } from './topology.ts';

@Module({})
class AnalyticsModule {}

export const analyticsModule = ({ stateDir }: AnalyticsConfig): DynamicModule => ({
  module: AnalyticsModule,
  imports: [
    StreamsModule.forRoot(topology(), {
      applicationId,
      stateDir,
      guarantee: 'exactly_once_v2',
      onDeserializationError: { deadLetter: refusedEvents },
      sessionTimeoutMs: seconds(10), // how long the others wait for a process that was killed
    }),
  ],
  controllers: [AnalyticsController],
});
