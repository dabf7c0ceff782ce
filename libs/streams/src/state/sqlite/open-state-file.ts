import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExpectedState } from '../state-meta.ts';
import { isCorruption } from './state-failure.ts';
import { SqliteEngine, type SqliteEngineOptions, deleteStateFile } from './sqlite-engine.ts';

export interface OpenedStateFile {
  readonly engine: SqliteEngine;
  /** The reason why the rows of the existing file were deleted, or null if they were not. */
  readonly refused: string | null;
}

/**
 * Opens the state of a task. A file that does not fit the cluster and its changelogs, or that cannot
 * be read, is deleted: its stores are then restored from nothing.
 */
export function openStateFile(options: SqliteEngineOptions, expected: ExpectedState): OpenedStateFile {
  mkdirSync(dirname(options.path), { recursive: true });
  const found = tryOpen(options, expected);
  if (typeof found !== 'string') return { engine: found, refused: null };
  deleteStateFile(options.path);
  const engine = new SqliteEngine(options);
  try {
    engine.adopt(expected);
  } catch (error) {
    engine.abandon();
    throw error;
  }
  return { engine, refused: found };
}

/** Returns the engine, or the reason why its file cannot be continued. */
function tryOpen(options: SqliteEngineOptions, expected: ExpectedState): SqliteEngine | string {
  let engine: SqliteEngine | undefined;
  try {
    engine = new SqliteEngine(options);
    const refused = engine.reasonToRefuse(expected);
    if (refused === null) engine.adopt(expected);
    else engine.close();
    return refused ?? engine;
  } catch (error) {
    engine?.abandon();
    if (!isCorruption(error)) throw error;
    return `SQLite cannot read it: ${(error as Error).message}.`;
  }
}

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/**
 * Returns an id that changes with each boot of the machine. Unsynced writes survive the end of a
 * process, but not that of the machine. Where the system has no such id, every start of a process
 * counts as a boot, so files that were not closed are restored.
 */
export function readBootId(newUuid: () => string, file = BOOT_ID_FILE): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return newUuid();
  }
}
