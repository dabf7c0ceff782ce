import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Logger } from '../../runtime/index.ts';
import { appendAll, batchOf, logFolder, storageError } from '../data-folder/log-folder.fixture.ts';

export const offline = expect.objectContaining(storageError);
export const firstSegment = `${'0'.repeat(20)}.log`;

/** Records log lines as pairs of level and message. */
export function recordingLogger() {
  const lines: Array<readonly [level: string, message: string]> = [];
  const at = (level: string) => (_: object, message: string) => void lines.push([level, message]);
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, lines };
}

/**
 * The data folder of a test, with functions that crash or damage the partition `orders-0` in it.
 */
export function crashedLog() {
  const suite = logFolder();
  const checkpointAt = (offset: number) =>
    writeFileSync(join(suite.dataFolder, 'recovery-point-offset-checkpoint'), `0\n1\norders 0 ${offset}\n`);
  const segmentPath = () => join(suite.folder, firstSegment);
  function flip(position: number): void {
    const bytes = readFileSync(segmentPath());
    bytes[position]! ^= 0x10;
    writeFileSync(segmentPath(), bytes);
  }

  /**
   * Writes three batches and crashes. The last one is above the recovery point, so it may be
   * unfinished.
   */
  async function crashWithThree(): Promise<{ batchBytes: number; log: Buffer }> {
    await appendAll(await suite.create(), batchOf(['a', 'b']), batchOf(['c', 'd']), batchOf(['e', 'f']));
    await suite.crash();
    checkpointAt(4);
    const log = readFileSync(segmentPath());
    return { batchBytes: log.length / 3, log };
  }
  return { suite, checkpointAt, segmentPath, flip, crashWithThree };
}
