import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { context as active, diag, type Context } from '@opentelemetry/api';

/** An operation that has begun, and what to do at its end. */
export interface Followed {
  end(error?: unknown): void;
}

/** An operation that has begun, with the context that it runs in. */
export interface Operation extends Followed {
  readonly context: Context;
}

type Failed = { readonly error?: unknown };

/** The operations that have begun and not ended, each under its report. */
class Running<Report extends object, Kind extends Followed> {
  readonly #operations = new WeakMap<object, Kind>();
  readonly #begin: (report: Report) => Kind;

  constructor(begin: (report: Report) => Kind) {
    this.#begin = begin;
  }

  begin(report: Report): Kind | undefined {
    const operation = quietly(() => this.#begin(report));
    if (operation !== undefined) this.#operations.set(report, operation);
    return operation;
  }

  readonly end = (report: unknown): void => {
    const operation = this.#operations.get(report as object);
    this.#operations.delete(report as object);
    quietly(() => operation?.end((report as Failed).error));
  };
}

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
  const { start, asyncEnd } = tracingChannel<Context, Report>(name);
  const running = new Running(begin);
  start.bindStore(storage, (report) => running.begin(report)?.context ?? active.active());
  asyncEnd.subscribe(running.end);
  return () => {
    start.unbindStore(storage);
    asyncEnd.unsubscribe(running.end);
  };
}

/** Listens in the same way, but does not change the context in which the operations run. */
export function follow<Report extends object>(name: string, begin: (report: Report) => Followed): () => void {
  const { start, asyncEnd } = tracingChannel<unknown, Report>(name);
  const running = new Running(begin);
  const onStart = (report: unknown) => void running.begin(report as Report);
  start.subscribe(onStart);
  asyncEnd.subscribe(running.end);
  return () => {
    start.unsubscribe(onStart);
    asyncEnd.unsubscribe(running.end);
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
