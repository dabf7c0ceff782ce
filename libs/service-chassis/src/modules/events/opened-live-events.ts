import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { LiveMessage } from '@millrace/read-models';
import type { Observable } from 'rxjs';

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
