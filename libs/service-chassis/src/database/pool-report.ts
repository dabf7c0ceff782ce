import { channel } from 'node:diagnostics_channel';
import type { DataSource } from 'typeorm';

/** What `millrace.database.opened` reports: a pool, and what can be counted of it. */
export interface PoolReport {
  /** The service's, as PostgreSQL shows it: `millrace-order`. */
  readonly name: string;
  readonly pool: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
    readonly options: { readonly max: number };
  };
}

const opened = channel('millrace.database.opened');

export function reportPool(name: string, source: DataSource): void {
  const { master: pool } = source.driver as unknown as { readonly master: PoolReport['pool'] };
  opened.publish({ name, pool } satisfies PoolReport);
}
