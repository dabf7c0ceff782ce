import type { Provider } from '@nestjs/common';
import {
  createLiveEvents,
  createStreamVersions,
  createVersionWaits,
  type LiveEvents,
  type StreamVersions,
  type VersionWaits,
} from '@millrace/read-models';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { SERVICE, type ServiceIdentity } from '../../ground/config/service.ts';
import { COMMITS, type Commits } from '../../database/commits.ts';
import { QUIET_DATABASE } from '../../database/database.module.ts';
import { COMMAND_HANDLER, type CommandHandler } from './command-handler.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { wokenByCommits } from '../../database/woken-by-commits.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { presentGauge } from '../../observability/metrics/gauges.ts';
import { METRICS, type Metrics } from '../../observability/metrics/metrics.ts';
import { encodeCursor } from '../../web/http/pagination.ts';

export const LIVE_EVENTS = Symbol('LiveEvents');
export const VERSION_WAITS = Symbol('VersionWaits');

/** The number of events that an open answer reads at once. */
const pageEventsMax = 20;

const STREAM_VERSIONS = Symbol('StreamVersions');

/** Live events and waits for versions. Both use the same `StreamVersions`. */
export const liveProviders: Provider[] = [
  {
    provide: STREAM_VERSIONS,
    inject: [QUIET_DATABASE, LOGGER],
    useFactory: (database: SqlDatabase, logger: Logger) =>
      createStreamVersions({ database, clock: systemClock, logger }),
  },
  {
    provide: LIVE_EVENTS,
    inject: [COMMAND_HANDLER, STREAM_VERSIONS, LOGGER, SERVICE],
    useFactory: (
      commands: CommandHandler,
      versions: StreamVersions,
      logger: Logger,
      { config }: ServiceIdentity,
    ) =>
      createLiveEvents({
        async eventsAfter(stream, version) {
          const cursor = encodeCursor(version);
          return (await commands.history(stream, { limit: pageEventsMax, cursor })).items;
        },
        versions,
        clock: systemClock,
        logger,
        config,
      }),
  },
  {
    provide: VERSION_WAITS,
    inject: [STREAM_VERSIONS, SERVICE],
    useFactory: (versions: StreamVersions, { config }: ServiceIdentity) =>
      createVersionWaits({ versions, config }),
  },
  provideLifecycle({
    name: 'open answers',
    role: 'api',
    inject: [STREAM_VERSIONS, COMMITS, LIVE_EVENTS, VERSION_WAITS, METRICS],
    useFactory: (
      versions: StreamVersions,
      commits: Commits,
      liveEvents: LiveEvents,
      waits: VersionWaits,
      { registry }: Metrics,
    ) => {
      presentGauge(
        registry,
        'millrace_live_events_open',
        'Open responses that send live events',
        () => liveEvents.count,
      );
      presentGauge(registry, 'millrace_version_waits', 'Requests that wait for a version', () => waits.count);
      const following = wokenByCommits(commits, [versions]);
      return {
        start: following.start,
        async stop() {
          liveEvents.stop();
          waits.stop();
          await following.stop();
        },
      };
    },
  }),
];
