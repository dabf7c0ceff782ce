import { minutes, type Clock } from '@millrace/streaming-core/runtime';
import { listen } from '../metrics/listen.ts';
import type { Watch } from './watcher.ts';

/** So long after the last one the alarm clears: whoever looks after dead letters has them on their topic. */
const recentMs = minutes(5);

/** Messages that this process has given up in the last five minutes, by topic: one is enough for an alarm. */
export function deadLetterWatch(group: string, clock: Clock): Watch {
  const lastOn = new Map<string, number>();
  const stop = listen({
    'millrace.consumer.dead-letter': (report: { readonly group: string; readonly topic: string }) => {
      if (report.group === group) lastOn.set(report.topic, clock.monotonic());
    },
  });
  return {
    name: `dead letters of ${group}`,
    look: () =>
      [...lastOn].map(([topic, lastAt]) => {
        const value = clock.monotonic() - lastAt < recentMs ? 1 : 0;
        return { alarm: 'dead_letters', place: { group, topic }, value, threshold: 0 } as const;
      }),
    stop,
  };
}
