import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, OpenLogReader, TopicPartition } from '@millrace/streaming-core/client';
import { recordsOf } from './log-contents.ts';
import { inputTopics } from './halves.ts';

const limitMs = 60_000;
const lookEveryMs = 100;

/** The topics that an application reads: inputs first, because their records lead to those of the others. */
const placesOf = (application: string): readonly TopicPartition[] =>
  [...Object.entries(inputTopics), [`${application}-by-word-repartition`, 1] as const].flatMap(
    ([topic, partitions]) => Array.from({ length: partitions }, (_each, partition) => ({ topic, partition })),
  );

/** Resolves once the application has committed everything that it can read. */
export async function processedAll(application: string, admin: Admin, reader: OpenLogReader): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (const place of placesOf(application))
    while (await remains(application, place, admin, reader)) {
      if (performance.now() > deadline)
        throw new Error(`${application} has not processed all of ${place.topic}-${place.partition}`);
      await pause(lookEveryMs);
    }
}

/** Whether records follow the committed offset. Markers of transactions do not count. */
async function remains(
  application: string,
  place: TopicPartition,
  admin: Admin,
  reader: OpenLogReader,
): Promise<boolean> {
  const [committed] = await admin.stableOffsets(application, [place]);
  return (await recordsOf(reader, place, committed?.offset)).length > 0;
}
