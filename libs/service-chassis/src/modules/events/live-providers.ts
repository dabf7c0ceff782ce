import { type Provider, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import {
  createLiveEvents,
  createStreamVersions,
  createVersionWaits,
  type LiveEvents,
  type StreamVersions,
  type VersionWaits,
} from '@millrace/read-models';
import { LiveAnswers, type LiveMessage } from '@millrace/read-models/live';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { Observable } from 'rxjs';
import { SERVICE, type ServiceIdentity } from '../../ground/config/service-config.ts';
import { provide, token } from '../../ground/provide.ts';
import { COMMITS, wokenByCommits } from '../../database/commits.ts';
import { QUIET_DATABASE } from '../../database/database.tokens.ts';
import { COMMAND_HANDLER } from './command-handler.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { presentGauge, METRICS } from '../../observability/metrics/metrics.ts';
import { openAnswers } from '../../web/http/live-answers.ts';
import { encodeCursor } from '../../web/http/pagination.ts';

interface LiveRequest {
  openedLiveEvents?: Observable<LiveMessage>;
}

/**
 * Opens live events in a guard, and keeps them for the handler. With any interceptor, Nest begins an
 * `@Sse` answer before its handler has decided, so whatever may be refused is refused in a guard.
 */
export async function openInGuard(
  context: ExecutionContext,
  events: Promise<Observable<LiveMessage>>,
): Promise<true> {
  context.switchToHttp().getRequest<LiveRequest>().openedLiveEvents = await events;
  return true;
}

/** The live events that the guard of this route has opened. */
export const OpenedLiveEvents = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<LiveRequest>().openedLiveEvents,
);

/** The live events of the service's own streams, for routes that answer with server-sent events. */
export const LIVE_EVENTS = token<LiveEvents>('LiveEvents');
/** Waits until a stream of the service has reached a version, for `?wait=`. */
export const VERSION_WAITS = token<VersionWaits>('VersionWaits');

/** The number of events that an open answer reads at once. */
const pageEventsMax = 20;

const STREAM_VERSIONS = token<StreamVersions>('StreamVersions');

/** Live events and waits for versions. Both use the same `StreamVersions`. */
export const liveProviders: Provider[] = [
  provide(STREAM_VERSIONS, [QUIET_DATABASE, LOGGER], (database, logger) =>
    createStreamVersions({ database, clock: systemClock, logger }),
  ),
  {
    provide: LiveAnswers,
    inject: [SERVICE, LOGGER],
    useFactory: ({ config }: ServiceIdentity, logger: Logger) => new LiveAnswers({ limits: config, logger }),
  },
  openAnswers,
  provide(
    LIVE_EVENTS,
    [COMMAND_HANDLER, STREAM_VERSIONS, LOGGER, LiveAnswers],
    (commands, versions, logger, answers) =>
      createLiveEvents({
        async eventsAfter(stream, version) {
          const cursor = encodeCursor(version);
          return (await commands.history(stream, { limit: pageEventsMax, cursor })).items;
        },
        versions,
        clock: systemClock,
        logger,
        answers,
      }),
  ),
  provide(VERSION_WAITS, [STREAM_VERSIONS, SERVICE], (versions, { config }) =>
    createVersionWaits({ versions, config }),
  ),
  provideLifecycle(
    { name: 'waits for versions', role: 'api' },
    [STREAM_VERSIONS, COMMITS, VERSION_WAITS, METRICS],
    (versions, commits, waits, { registry }) => {
      presentGauge(registry, 'millrace_version_waits', 'Requests that wait for a version', () => waits.count);
      const following = wokenByCommits(commits, [versions]);
      return {
        start: following.start,
        async stop() {
          waits.stop();
          await following.stop();
        },
      };
    },
  ),
];
