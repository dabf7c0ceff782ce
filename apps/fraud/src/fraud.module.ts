import { Module, type DynamicModule } from '@nestjs/common';
import { StreamsModule } from '@millrace/service-chassis/streams';
import { seconds } from '@millrace/streams';
import type { FraudConfig } from './config.ts';
import { AlertsController } from './http.ts';
import { applicationId, topics, topology } from './topology.ts';

@Module({})
class FraudModule {}

export const fraudModule = ({ stateDir, distinct, graceMs }: FraudConfig): DynamicModule => ({
  module: FraudModule,
  imports: [
    StreamsModule.forRoot(topology({ distinct, graceMs }), {
      applicationId,
      stateDir,
      guarantee: 'exactly_once_v2',
      onDeserializationError: { deadLetter: topics.refused },
      sessionTimeoutMs: seconds(10), // how long the others wait for a process that was killed
    }),
  ],
  controllers: [AlertsController],
});
