import type { AppendOptions, EventMetadata } from '@millrace/event-sourcing';
import { traceOf, type TraceContext } from '@millrace/streaming-core/contract';
import { systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { v7 as uuidv7 } from 'uuid';
import { currentContext } from '../logging/request-context.ts';

/** Ids of events and messages: UUIDv7, whose time is part of the inbox's key. */
export const newId = (): string => uuidv7();

/** Whose story it is: what a message, an event or a call carries on. */
interface Caused extends TraceContext {
  readonly id: string;
  readonly correlationId: string;
}

/** Metadata of what a message causes: a reply carries its command's id as causation (DESIGN 3.4). */
export const metadataOf = ({ id, correlationId, ...caused }: Caused): EventMetadata => ({
  correlationId,
  causationId: id,
  ...traceOf(caused),
});

/** Metadata of what the request that runs now causes; a story of its own where nothing runs. */
export function currentMetadata(): EventMetadata {
  const { correlationId, causationId, ...context } = currentContext() ?? {
    correlationId: newId(),
    causationId: newId(),
  };
  return { correlationId, causationId, ...traceOf(context) };
}

/** What `append` needs beside its events. */
export const recording = (metadata: EventMetadata, clock: Clock = systemClock): AppendOptions => ({
  metadata,
  newId,
  now: new Date(clock.now()),
});
