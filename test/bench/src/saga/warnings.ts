import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LogLine {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly reason?: string;
}

const reported: ReadonlySet<string | undefined> = new Set(['warn', 'error', 'fatal']);

/**
 * Reads the warnings and errors that the processes of a stack have logged since its start. Returns
 * a line for each kind, with its number and when it was first logged.
 */
export function warningsIn(dataFolder: string): readonly string[] {
  const folder = join(dataFolder, 'logs');
  return readdirSync(folder).flatMap((file) => warningsOf(file, readFileSync(join(folder, file), 'utf8')));
}

export function warningsOf(file: string, log: string): readonly string[] {
  const lines = log.split('\n').flatMap((line) => parsed(line) ?? []);
  const kinds = Map.groupBy(
    lines.filter(({ level }) => reported.has(level)),
    ({ level, msg, reason }) => [level, msg, reason].filter(Boolean).join(': '),
  );
  return [...kinds].map(
    ([kind, same]) => `${file}: ${kind} (${same.length} times, first at ${same[0]?.time})`,
  );
}

/** Returns undefined for a line that is not JSON, such as PostgreSQL's. */
function parsed(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
