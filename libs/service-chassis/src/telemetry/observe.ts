import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { context as active, diag, type Context } from '@opentelemetry/api';

/** An operation that has begun: the context that it runs in, and what to do at its end. */
export interface Operation {
  readonly context: Context;
  end(error?: unknown): void;
}

type Failed = { readonly error?: unknown };

/**
 * Listens to the reports of a tracing channel and runs each operation in the context that `begin`
 * returns. A failure here costs a span, never the operation. Returns a function that stops
 * listening.
 */
export function observe<Report extends object>(
  name: string,
  storage: AsyncLocalStorage<Context>,
  begin: (report: Report) => Operation,
): () => void {
  const channels = tracingChannel<Context, Report>(name);
  const running = new WeakMap<object, Operation>();
  const enter = (report: Report): Context => {
    const operation = quietly(() => begin(report));
    if (operation === undefined) return active.active();
    running.set(report, operation);
    return operation.context;
  };
  const end = (report: unknown) => {
    const operation = running.get(report as object);
    running.delete(report as object);
    quietly(() => operation?.end((report as Failed).error));
  };
  channels.start.bindStore(storage, enter);
  channels.asyncEnd.subscribe(end);
  return () => {
    channels.start.unbindStore(storage);
    channels.asyncEnd.unsubscribe(end);
  };
}

/** Runs the work reported on a plain channel in the context that `contextOf` returns. */
export function enterOn<Report extends object>(
  name: string,
  storage: AsyncLocalStorage<Context>,
  contextOf: (report: Report) => Context,
): () => void {
  const resumed = channel(name);
  resumed.bindStore(storage, (report) => quietly(() => contextOf(report as Report)) ?? active.active());
  return () => void resumed.unbindStore(storage);
}

/** Catches errors, because a subscriber that throws would end the process. */
export function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    diag.error('telemetry failed', error);
    return undefined;
  }
}
