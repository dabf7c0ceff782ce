import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Call } from '../command/command.ts';

/** The folders that `npm start` and `npm start -- --kafka` use by default. */
const defaults = ['.millrace', '.millrace-kafka'];

/** The file in which a running stack says where its parts are. */
export const placesName = 'places.json';

/**
 * Returns the data folder that the command is about: the one that is named, or else the default one
 * in which a stack runs, or else the first default.
 */
export function dataFolderOf({ session, options }: Pick<Call, 'session' | 'options'>): string {
  const named = options.text('data') ?? (session.environment.MILLRACE_DATA?.trim() || undefined);
  const running = defaults.find((name) => existsSync(join(session.workspace, name, placesName)));
  return resolve(session.workspace, named ?? running ?? '.millrace');
}
