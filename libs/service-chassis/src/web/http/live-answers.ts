import {
  applyDecorators,
  Injectable,
  Sse,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type Provider,
} from '@nestjs/common';
import { LiveAnswers, type LiveAnswersOptions } from '@millrace/read-models/live';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { FastifyReply } from 'fastify';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { METRICS, presentGauge } from '../../observability/metrics/metrics.ts';
import { LongLived } from './admission.ts';

/** Counts open answers, and ends them when the service stops. */
export const openAnswers: Provider = provideLifecycle(
  { name: 'open answers', role: 'api' },
  [LiveAnswers, METRICS],
  (answers, { registry }) => {
    const help = 'Open responses that send live events';
    presentGauge(registry, 'millrace_live_events_open', help, () => answers.count);
    return { start: () => undefined, stop: () => answers.stop() };
  },
);

/** Provides `LiveAnswers` to an app that has no event store. */
export const liveAnswers = (options: Omit<LiveAnswersOptions, 'logger'>): readonly Provider[] => [
  {
    provide: LiveAnswers,
    inject: [LOGGER],
    useFactory: (logger: Logger) => new LiveAnswers({ ...options, logger }),
  },
  openAnswers,
];

/** Refuses an answer over the limit before it begins. */
@Injectable()
class LiveAnswersLimit implements CanActivate {
  constructor(private readonly answers: LiveAnswers) {}

  canActivate(context: ExecutionContext): boolean {
    this.answers.enter(context.switchToHttp().getResponse<FastifyReply>().raw);
    return true;
  }
}

/** A route whose answer stays open. It is refused if too many are open. */
export const Live = (path: string) => applyDecorators(Sse(path), UseGuards(LiveAnswersLimit), LongLived());
