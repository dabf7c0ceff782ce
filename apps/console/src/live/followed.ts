import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Describe, Live, LiveAnswers, type LiveMessage } from '@millrace/service-chassis/app';
import type { FastifyReply } from 'fastify';
import { switchMap, type Observable } from 'rxjs';
import { inWords } from '../answer-in-words.ts';
import { liveReadings, type LiveState } from './live-state.ts';
import { Sources, type Source } from './sources.ts';

interface Asked {
  readonly url: string;
  readonly headers: { readonly 'last-event-id'?: string };
}

/** Follows the source that a route returns. All pages that ask for the same URL share it. */
@Injectable()
class FollowsSource implements NestInterceptor<Source<LiveState>, LiveMessage> {
  constructor(
    private readonly sources: Sources,
    private readonly answers: LiveAnswers,
  ) {}

  intercept(context: ExecutionContext, route: CallHandler<Source<LiveState>>): Observable<LiveMessage> {
    const http = context.switchToHttp();
    const { url, headers } = http.getRequest<Asked>();
    const readings = route.handle().pipe(
      switchMap((source) => this.sources.follow(url, source)),
      this.answers.paced(http.getResponse<FastifyReply>().raw),
    );
    return this.answers.whileOpen(liveReadings(readings, headers['last-event-id']));
  }
}

/** Describes a route whose answer stays open. */
export const follows = (
  summary: string,
  events: string,
  otherHeaders: readonly string[] = [],
): MethodDecorator =>
  Describe({
    summary,
    description:
      'An event `alive` means that nothing is new. If the state cannot be read, the stream stays open: `failure` has ' +
      'the reason and since when.',
    otherHeaders,
    events: inWords(events),
    answers: {},
    problems: { 503: ['too_many_live_events'] },
  });

/** The data of the events of a state and its changes. */
export const stateAndChanges =
  'After `snapshot` it is the whole state. After `change` it is the parts that differ. A client that reconnects with ' +
  'the id of the present state as Last-Event-ID gets no snapshot.';

/** A route that returns a `Source`, whose state and changes it sends for as long as the page follows. */
export const Followed = (path: string, summary: string) =>
  applyDecorators(
    Live(path),
    UseInterceptors(FollowsSource),
    follows(summary, stateAndChanges, ['last-event-id']),
  );
