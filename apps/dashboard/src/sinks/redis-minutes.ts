import { days } from '@millrace/streaming-core/runtime';
import type { MinutePlace } from '../domain/minute-key.ts';
import type { MinuteStore } from './minute-sink.ts';

/** The consumer group of the sink. */
export const redisSinkGroup = 'dashboard-redis';

/** How long Redis keeps a minute after its last change. */
const keptSeconds = days(1) / 1_000;

/**
 * Sets fields of a hash unless they are greater already. Counts only grow, and `closed` only becomes
 * 1, so a record that is written again, or after a later one, changes nothing.
 */
const setGreatest = `
  for place = 2, #ARGV, 2 do
    local kept = redis.call('HGET', KEYS[1], ARGV[place])
    if not kept or tonumber(ARGV[place + 1]) > tonumber(kept) then
      redis.call('HSET', KEYS[1], ARGV[place], ARGV[place + 1])
    end
  end
  redis.call('EXPIRE', KEYS[1], ARGV[1])`;

/** The figures in Redis, a hash for each page and minute. Connects at the first write. */
export function redisMinutes(url: string): MinuteStore {
  let connecting: ReturnType<typeof connect> | undefined;
  const write = async (place: MinutePlace, fields: Readonly<Record<string, number>>) => {
    const client = await (connecting ??= connect(url));
    await client.eval(setGreatest, {
      keys: [`page-views:${place.window_start}:${place.page_url}`],
      arguments: [keptSeconds, ...Object.entries(fields).flat()].map(String),
    });
  };
  return {
    async keep(minutes) {
      await Promise.all(
        minutes.map(({ page_views, unique_visitors, open, ...place }) =>
          write(place, { page_views, unique_visitors, closed: open ? 0 : 1 }),
        ),
      );
    },
    async keepLate(late) {
      await Promise.all(late.map(({ late_views, ...place }) => write(place, { late_views })));
    },
    async close() {
      (await connecting)?.destroy();
    },
  };
}

/** Loads the client only where Redis is used. A write fails while the client reconnects. */
async function connect(url: string) {
  const { createClient } = await import('redis');
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => undefined); // the write that it fails says why
  void client.connect().catch(() => undefined);
  return client;
}
