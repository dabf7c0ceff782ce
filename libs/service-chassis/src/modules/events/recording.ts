import type { AppendOptions, EventMetadata } from '@millrace/event-sourcing';
import { traceOf, type TraceContext } from '@millrace/streaming-core/contract';
import { systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { v7 as uuidv7 } from 'uuid';
import { currentContext, type RequestContext } from '../../ground/logging/request-context.ts';

/** Creates the id of an event or a message: a UUIDv7, whose time is part of the inbox's key. */
export const newId = (): string => uuidv7();

/** The ids, the saga and the trace that a message passes on to what it causes. */
interface Caused extends TraceContext {
  readonly id: string;
  readonly correlationId: string;
  readonly saga?: string;
}

/**
 * Returns the metadata for everything that a message causes. Its id becomes their causation id, so
 * a reply carries the id of its command, and the saga of its command too.
 */
export const metadataOf = ({ id, correlationId, saga, ...caused }: Caused): EventMetadata => ({
  correlationId,
  causationId: id,
  ...(saga !== undefined && { saga }),
  ...traceOf(caused),
});

/**
 * Returns the metadata for everything that the current request causes. Outside of a request, it
 * starts a new correlation.
 */
export function currentMetadata(): EventMetadata {
  const { correlationId, causationId, actor, ...context }: RequestContext = currentContext() ?? {
    correlationId: newId(),
    causationId: newId(),
  };
  return { correlationId, causationId, ...(actor !== undefined && { actor }), ...traceOf(context) };
}

/** Returns the options that `append` needs in addition to its events. */
export const recording = (metadata: EventMetadata, clock: Clock = systemClock): AppendOptions => ({
  metadata,
  newId,
  now: new Date(clock.now()),
});
