import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type MessageEvent,
  type NestInterceptor,
} from '@nestjs/common';
import { switchMap, type Observable } from 'rxjs';
import { Live, LiveAnswers } from './live-answers.ts';
import type { LiveState } from './live-state.ts';
import { Sources, type Source } from './sources.ts';

interface Asked {
  readonly url: string;
  readonly headers: { readonly 'last-event-id'?: string };
}

/** Follows the source that a route returns. All pages that ask for the same URL share it. */
@Injectable()
class FollowsSource implements NestInterceptor<Source<LiveState>, MessageEvent> {
  constructor(
    private readonly sources: Sources,
    private readonly answers: LiveAnswers,
  ) {}

  intercept(context: ExecutionContext, route: CallHandler<Source<LiveState>>): Observable<MessageEvent> {
    const { url, headers } = context.switchToHttp().getRequest<Asked>();
    const readings = route.handle().pipe(switchMap((source) => this.sources.follow(url, source)));
    return this.answers.ofReadings(readings, headers['last-event-id']);
  }
}

/** A route that returns a `Source`, whose state and changes it sends for as long as the page follows. */
export const Followed = (path: string) => applyDecorators(Live(path), UseInterceptors(FollowsSource));
