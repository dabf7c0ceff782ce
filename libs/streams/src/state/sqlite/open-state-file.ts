import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExpectedState } from '../state-meta.ts';
import { isCorruption } from './state-failure.ts';
import { SqliteEngine, type SqliteEngineOptions, deleteStateFile } from './sqlite-engine.ts';

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

/** The engine, or why its file cannot be continued. */
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
 * Returns what changes with each boot of the machine. What a process wrote without a sync survives
 * the process, but not the machine. Where the system does not tell, every start of a process counts
 * as a boot, so that files that were not closed are restored anew.
 */
export function readBootId(newUuid: () => string, file = BOOT_ID_FILE): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return newUuid();
  }
}
