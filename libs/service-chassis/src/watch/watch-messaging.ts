import type { LagReader } from '@millrace/streaming-core/client';
import { storedLag } from '@millrace/streaming-core/consumer';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { Registry } from 'prom-client';
import type { ServiceIdentity } from '../config/service.ts';
import { outboxWatch, externalCallWatch } from './backlog-watches.ts';
import { deadLetterWatch } from './dead-letter-watch.ts';
import type { Lags } from './lag-watch.ts';
import type { Watcher } from './watcher.ts';

export interface WatchedMessaging {
  readonly registry: Registry;
  readonly service: ServiceIdentity;
  readonly database: SqlDatabase;
  readonly lagReader: LagReader;
  readonly lags: Lags;
  /** What its group reads, empty until its handlers are known; undefined where this process consumes nothing. */
  readonly topics: (() => readonly string[]) | undefined;
}

/**
 * Whatever may wait in a service that has messages: on the log, for its group and those that it was told to watch; in its database, to be published
 * or called; and among the dead letters.
 */
export function watchMessaging(
  watcher: Watcher,
  { registry, service, database, lagReader, lags, topics }: WatchedMessaging,
): void {
  const { name, config } = service;
  const others = config.lagGroups.filter((group) => group !== name);
  const backlog = { registry, database, thresholds: config };
  if (topics !== undefined)
    watcher.add(
      lags.watch(name, () => storedLag({ database, reader: lagReader, group: name, topics: topics() })),
    );
  for (const group of others) watcher.add(lags.watch(group, () => lagReader.ofGroup(group)));
  for (const watch of [outboxWatch(backlog), externalCallWatch(backlog), deadLetterWatch(name, systemClock)])
    watcher.add(watch);
}
