import { Module, type DynamicModule } from '@nestjs/common';
import { LiveAnswers, liveAnswers } from '@millrace/service-chassis/http';
import { LOGGER, provide } from '@millrace/service-chassis/service';
import { StreamsModule } from '@millrace/service-chassis/streams';
import { seconds } from '@millrace/streams';
import type { FraudConfig } from './config.ts';
import { AlertsController } from './http.ts';
import { LIVE_ALERTS, LiveAlerts } from './live-alerts.ts';
import { applicationId, topics, topology } from './topology.ts';

@Module({})
class FraudModule {}

export const fraudModule = (config: FraudConfig): DynamicModule => ({
  module: FraudModule,
  imports: [
    StreamsModule.forRoot(topology(config), {
      applicationId,
      stateDir: config.stateDir,
      guarantee: 'exactly_once_v2',
      onDeserializationError: { deadLetter: topics.refused },
      sessionTimeoutMs: seconds(10), // how long the others wait for a process that was killed
    }),
  ],
  controllers: [AlertsController],
  providers: [
    ...liveAnswers({ limits: config }),
    provide(LIVE_ALERTS, [LiveAnswers, LOGGER], (answers, logger) => {
      const { bootstrapServers, security } = config;
      return new LiveAlerts({ bootstrapServers, security, answers, logger });
    }),
  ],
});
