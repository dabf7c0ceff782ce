import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { kafkaVersion } from '@millrace/embedded-kafka';
import { readOldSegments } from './tiered-storage/read-old-segments.ts';

describe('G49 a topic with tiered storage', () => {
  it('gives our client the segments that only the remote tier has, also after a kill -9 of the broker', async () => {
    const { written, localFrom, remoteSegments, old, oldAfterRestart, problems } = await readOldSegments(12);

    expect(problems).toEqual([]);
    expect(remoteSegments).toBeGreaterThanOrEqual(8);
    expect(localFrom).toBeGreaterThan(written / 2);
    expect(old.records).toBe(localFrom);
    expect(oldAfterRestart.records).toBe(localFrom);
  }, 600_000);

  it('is tested with the jar of the broker’s version', () => {
    const pom = readFileSync(join(import.meta.dirname, 'tiered-storage/pom.xml'), 'utf8');
    expect(kafkaVersion(pom)).toBe(kafkaVersion());
  });
});
