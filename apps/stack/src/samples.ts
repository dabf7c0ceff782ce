import type { Logger } from '@millrace/streaming-core/runtime';
import type { RunningStack } from './run-stack.ts';

/** What a system shows of itself when it starts: it gives its own services something to do. */
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
