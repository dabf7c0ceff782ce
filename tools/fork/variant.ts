import type { ParseArgsOptionsConfig } from 'node:util';

/** Another kind of fork, which an option of `npm run new -- project` asks for. */
export interface Variant {
  readonly options: ParseArgsOptionsConfig;
  readonly usage: string;
  /**
   * Returns what changes the copy of the workspace, or undefined if the option is absent. Throws if
   * the values of the options are wrong, before anything is copied.
   */
  chosen(values: Readonly<Record<string, unknown>>): Promise<ChangeCopy | undefined>;
}

/** Changes the copy in a folder, which still has the name of the workspace, made from a commit. */
export type ChangeCopy = (folder: string, commit: string) => Promise<void>;
