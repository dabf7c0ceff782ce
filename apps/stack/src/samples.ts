import type { Logger } from '@millrace/streaming-core/runtime';
import type { RunningStack } from './run-stack.ts';

/** Sample work that `npm start` gives to the services. */
export interface Samples<Services extends string> {
  /** The settings of the services while the samples run. */
  settings(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>>;
  place(stack: RunningStack<Services>, print: (line: string) => void, logger: Logger): Promise<PlacedSamples>;
}

export interface PlacedSamples {
  readonly results: readonly SampleResult[];
  readonly table: string;
  readonly allAsExpected: boolean;
}

interface SampleResult {
  /** The id of everything that the sample has caused. */
  readonly correlationId: string;
  readonly scenario: string;
}
