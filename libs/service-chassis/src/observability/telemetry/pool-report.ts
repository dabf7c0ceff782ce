import { channel } from 'node:diagnostics_channel';
import type { DataSource } from 'typeorm';

/** The report on the channel `millrace.database.opened`: a pool and its counters. */
export interface PoolReport {
  /** The address of the database, such as `127.0.0.1:54329/millrace_order`. */
  readonly name: string;
  readonly pool: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
    readonly options: { readonly max: number };
  };
}

const opened = channel('millrace.database.opened');

export function reportPool(url: string, source: DataSource): void {
  const { host = 'unknown', pathname = '' } = URL.parse(url) ?? {};
  const name = host + pathname;
  const { master: pool } = source.driver as unknown as { readonly master: PoolReport['pool'] };
  opened.publish({ name, pool } satisfies PoolReport);
}
