import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Call } from '../command/command.ts';

/** The folder of `npm start`, and those of its options `--kafka` and `--base-port`. */
const defaultFolder = /^\.millrace(-kafka)?(-\d{4,5})?$/;

/** The file in which a running stack says where its parts are. */
export const placesName = 'places.json';

/**
 * Returns the data folder that the command is about: the one that is named, or else the default one
 * in which a stack runs, `.millrace` before others, or else `.millrace`.
 */
export function dataFolderOf({ session, options }: Pick<Call, 'session' | 'options'>): string {
  const named = options.text('data') ?? (session.environment.MILLRACE_DATA?.trim() || undefined);
  const running = readdirSync(session.workspace)
    .filter((name) => defaultFolder.test(name) && existsSync(join(session.workspace, name, placesName)))
    .sort(
      (one, other) => Number(one !== '.millrace') - Number(other !== '.millrace') || one.localeCompare(other),
    )
    .at(0);
  return resolve(session.workspace, named ?? running ?? '.millrace');
}
