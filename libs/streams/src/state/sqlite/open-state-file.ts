import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonToRefuse, type ExpectedState } from '../state-meta.ts';
import { SqliteEngine, type SqliteEngineOptions } from './sqlite-engine.ts';

export interface OpenedStateFile {
  readonly engine: SqliteEngine;
  /** Why the rows of the file that was there were deleted, or null if they were not. */
  readonly refused: string | null;
}

/**
 * Opens the state of a task. A file that does not fit the cluster and its changelogs, or that cannot
 * be read, is deleted: its stores are then restored from nothing.
 */
export function openStateFile(options: SqliteEngineOptions, expected: ExpectedState): OpenedStateFile {
  mkdirSync(dirname(options.path), { recursive: true });
  const found = tryOpen(options);
  const refused = found instanceof SqliteEngine ? reasonToRefuse(found.meta, expected) : found;
  if (found instanceof SqliteEngine && refused !== null) found.close();
  if (refused !== null) deleteStateFile(options.path);
  const engine = found instanceof SqliteEngine && refused === null ? found : new SqliteEngine(options);
  engine.adopt(expected);
  return { engine, refused };
}

/** Deletes the state of a task that is not open. */
export function deleteStateFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

/** The engine, or why the file cannot be read. */
function tryOpen(options: SqliteEngineOptions): SqliteEngine | string {
  try {
    return new SqliteEngine(options);
  } catch (error) {
    return `SQLite cannot read it: ${(error as Error).message}.`;
  }
}
