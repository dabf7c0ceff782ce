import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';
import { until } from '../stack/until.ts';
import { query } from './stack-books.ts';
import { request } from './http.ts';

const shareLimitMs = 60_000;

interface Readiness {
  readonly checks: { readonly consumer?: { readonly details?: { readonly partitions?: number } } };
}

/**
 * The number of partitions that a process believes it owns. A fenced process notices only after a
 * while.
 */
export async function partitionsOf(stack: StackPlaces, part: string): Promise<number> {
  const { checks } = (await request<Readiness>('GET', `${stack.instances[part]}/readyz`)).body;
  return checks.consumer?.details?.partitions ?? 0;
}

/**
 * Waits until every partition that the service reads has one owner among the processes and each
 * process owns some. A process is ready before it has a share, and shares move for a while after a
 * start or a kill. Resolves to the number of partitions.
 */
export async function sharedAmong(
  stack: StackPlaces,
  service: ServiceName,
  parts: readonly string[],
): Promise<number> {
  let read = 0;
  let shares: readonly number[] = [];
  await until(
    () => `${parts.join(' and ')} to share ${read} partitions: they have ${shares.join(' and ')}`,
    shareLimitMs,
    async () => {
      shares = await Promise.all(parts.map((part) => partitionsOf(stack, part)));
      const [row] = await query(
        stack,
        service,
        'SELECT count(*) AS count FROM consumer_offset WHERE consumer_group = $1',
        [service],
      );
      read = Number(row?.count);
      return Math.min(...shares) > 0 && shares.reduce((sum, each) => sum + each) === read;
    },
  );
  return read;
}
