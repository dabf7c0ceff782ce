import type { Clock } from '@millrace/streaming-core/runtime';
import type { Terminal } from './terminal.ts';

/** The surroundings of a command. Tests pass their own. */
export interface Session {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The root of the workspace. Relative data folders begin there. */
  readonly workspace: string;
  readonly clock: Clock;
  /** Aborted by Ctrl-C. A command that follows something then ends with success. */
  readonly signal: AbortSignal;
}
