import { join } from 'node:path';
import { testEngine, type TestEngine } from '@millrace/testing/engine';
import type { StackPlaces } from './spawn-stack.ts';

const logFolders = { embedded: 'broker', kafka: 'kafka/data' } as const satisfies Record<TestEngine, string>;

/**
 * The folder in which the stack's log keeps a partition. Both engines have the same files there.
 */
export const partitionFolder = (
  { dataFolder }: Pick<StackPlaces, 'dataFolder'>,
  topic: string,
  partition: number,
): string => join(dataFolder, logFolders[testEngine()], `${topic}-${partition}`);
