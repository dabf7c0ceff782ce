import type { Provider } from '@nestjs/common';
import { systemClock, type Logger } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { SERVICE, type ServiceIdentity } from '../config/service.ts';
import { COMMITS, type Commits } from '../database/commits.ts';
import { QUIET_DATABASE } from '../database/database.module.ts';
import { STREAMS, type Streams } from '../events/streams.ts';
import { provideLifecycle } from '../lifecycle/lifecycle.ts';
import { wokenByCommits } from '../lifecycle/woken-by-commits.ts';
import { LOGGER } from '../logging/logger.ts';
import { presentGauge } from '../metrics/present-gauge.ts';
import { METRICS, type Metrics } from '../metrics/metrics.ts';
import { createEventStreams, EVENT_STREAMS, type EventStreams } from './event-streams.ts';
import { createStreamWatch, type StreamWatch } from './stream-watch.ts';
import { createVersionWaits, VERSION_WAITS, type VersionWaits } from './version-waits.ts';

const STREAM_WATCH = Symbol('StreamWatch');

/** Event streams and waits for versions, over one watch on the service's streams. */
export const liveProviders: Provider[] = [
  {
    provide: STREAM_WATCH,
    inject: [QUIET_DATABASE, LOGGER],
    useFactory: (database: SqlDatabase, logger: Logger) =>
      createStreamWatch({ database, clock: systemClock, logger }),
  },
  {
    provide: EVENT_STREAMS,
    inject: [STREAMS, STREAM_WATCH, LOGGER, SERVICE],
    useFactory: (streams: Streams, watch: StreamWatch, logger: Logger, { config }: ServiceIdentity) =>
      createEventStreams({ streams, watch, clock: systemClock, logger, config }),
  },
  {
    provide: VERSION_WAITS,
    inject: [STREAM_WATCH, SERVICE],
    useFactory: (watch: StreamWatch, { config }: ServiceIdentity) => createVersionWaits({ watch, config }),
  },
  provideLifecycle({
    name: 'open answers',
    role: 'api',
    inject: [STREAM_WATCH, COMMITS, EVENT_STREAMS, VERSION_WAITS, METRICS],
    useFactory: (
      watch: StreamWatch,
      commits: Commits,
      streams: EventStreams,
      waits: VersionWaits,
      { registry }: Metrics,
    ) => {
      presentGauge(
        registry,
        'millrace_event_streams_open',
        'Server-sent event streams that are open',
        () => streams.count,
      );
      presentGauge(registry, 'millrace_version_waits', 'Requests that wait for a version', () => waits.count);
      const watching = wokenByCommits(commits, [watch]);
      return {
        start: watching.start,
        async stop() {
          streams.stop();
          waits.stop();
          await watching.stop();
        },
      };
    },
  }),
];
