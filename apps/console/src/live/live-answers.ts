import {
  applyDecorators,
  Injectable,
  Sse,
  UseGuards,
  type CanActivate,
  type MessageEvent,
} from '@nestjs/common';
import { LongLived, ProblemError } from '@millrace/service-chassis/app';
import { finalize, interval, map, merge, Subject, takeUntil, type Observable } from 'rxjs';
import { liveMessages, type LiveState } from './live-state.ts';
import type { Reading } from './sources.ts';

const openMax = 100;
const heartbeatMs = 15_000;

/** The open answers that send live events. They end when the console stops. */
@Injectable()
export class LiveAnswers {
  readonly #stopped = new Subject<void>();
  #open = 0;

  get isFull(): boolean {
    return this.#open >= openMax;
  }

  /** Sends a reading and its changes, and the reason if it cannot be read any more. */
  ofReadings(
    readings: Observable<Reading<LiveState>>,
    lastEventId: string | undefined,
  ): Observable<MessageEvent> {
    const states = readings.pipe(map(({ value, failure }) => ({ ...value, failure: failure ?? null })));
    return this.open(liveMessages(states, lastEventId));
  }

  /** Opens an answer with a heartbeat, by which the page notices a lost connection. */
  open(messages: Observable<MessageEvent>): Observable<MessageEvent> {
    this.#open += 1;
    const heartbeat = interval(heartbeatMs).pipe(map((): MessageEvent => ({ type: 'alive', data: '' })));
    return merge(messages, heartbeat).pipe(
      takeUntil(this.#stopped),
      finalize(() => (this.#open -= 1)),
    );
  }

  stop(): void {
    this.#stopped.next();
  }
}

/**
 * Refuses an answer over the limit before it begins. Nest creates guards separately from other
 * providers, so this one gets the `LiveAnswers` that all routes share.
 */
@Injectable()
class LiveAnswersLimit implements CanActivate {
  constructor(private readonly answers: LiveAnswers) {}

  canActivate(): boolean {
    if (!this.answers.isFull) return true;
    const title = 'The console is open in too many places';
    throw new ProblemError(503, 'too_many_live_events', title, {}, { retryAfterSeconds: 5 });
  }
}

/** A route whose answer stays open. It is refused if too many are open. */
export const Live = (path: string) => applyDecorators(Sse(path), UseGuards(LiveAnswersLimit), LongLived());
