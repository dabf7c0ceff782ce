import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FolderInUse, lockFolder } from '@millrace/streaming-core/runtime';
import { ResetError } from './reset-application.ts';

/**
 * Deletes what a process has kept of an application in its `stateDir`. Returns the folder, or
 * undefined if there is none. Throws `ResetError` if a process uses it.
 */
export function deleteState(
  stateDir: string,
  applicationId: string,
  newUuid: () => string,
): string | undefined {
  const folder = stateFolderOf(stateDir, applicationId);
  if (folder === undefined) return undefined;
  try {
    lockFolder(folder, newUuid);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new ResetError('in_use', `the state folder ${folder} is in use by ${error.holder}: stop it first`, {
      cause: error,
    });
  }
  rmSync(folder, { recursive: true });
  return folder;
}

/** Returns the folder of an application, or undefined if there is none. */
export function stateFolderOf(stateDir: string, applicationId: string): string | undefined {
  const folder = join(stateDir, applicationId);
  return existsSync(folder) ? folder : undefined;
}
