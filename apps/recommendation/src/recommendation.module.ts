import { Module, type DynamicModule } from '@nestjs/common';
import { StreamsModule } from '@millrace/service-chassis/streams';
import { seconds } from '@millrace/streams';
import type { RecommendationConfig } from './config.ts';
import { RecommendationsController } from './http.ts';
import { applicationId, refusedEvents, topology } from './topology.ts';

@Module({})
class RecommendationModule {}

export const recommendationModule = ({ stateDir }: RecommendationConfig): DynamicModule => ({
  module: RecommendationModule,
  imports: [
    StreamsModule.forRoot(topology(), {
      applicationId,
      stateDir,
      guarantee: 'exactly_once_v2',
      onDeserializationError: { deadLetter: refusedEvents },
      sessionTimeoutMs: seconds(10), // how long the others wait for a process that was killed
    }),
  ],
  controllers: [RecommendationsController],
});
