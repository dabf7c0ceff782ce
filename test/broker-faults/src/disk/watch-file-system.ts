import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { WatchedFolder, type WatchOptions } from './watched-folder.ts';

export type { WatchOptions };

type Call = (...given: never[]) => unknown;

const real = { ...fs };
const realPromises = { ...fs.promises };
const folders = new Set<WatchedFolder>();

const holding = (path: unknown): WatchedFolder | undefined =>
  [...folders].find((folder) => folder.holds(path));
const owning = (file: unknown): WatchedFolder | undefined => [...folders].find((folder) => folder.owns(file));

/**
 * Sends every change below the folder through a `WatchedFolder` from now on. Returns a function
 * that stops this.
 *
 * Load this module before any other that keeps a reference to a call of Node's file system. It is
 * for programs, not for Jest, whose modules have copies of their own.
 */
export function watchFolder(root: string, options: WatchOptions): () => void {
  const folder = new WatchedFolder(root, options);
  folders.add(folder);
  return () => void folders.delete(folder);
}

type ByPath = Record<string, (folder: WatchedFolder, ...given: never[]) => unknown>;

const ofPaths = {
  openSync: (folder, path: string, flags: string, mode: number) => folder.open(path, flags, mode),
  writeFileSync: (folder, path: string, data: Buffer | string) => folder.writeFile(path, data),
  appendFileSync: (folder, path: string, data: Buffer | string) => folder.writeFile(path, data, 'a'),
  mkdirSync: (folder, path: string, options: object) => folder.makeFolder(path, options),
  renameSync: (folder, from: string, to: string) => folder.rename(from, to),
  linkSync: (folder, from: string, to: string) => folder.link(from, to),
  unlinkSync: (folder, path: string) => folder.unlink(path),
  rmdirSync: (folder, path: string) => folder.removeFolder(path),
  rmSync: (folder, path: string, options: object) => folder.remove(path, options),
} satisfies ByPath;

const ofFiles = {
  closeSync: (folder, file: number) => folder.close(file),
  writeSync: (folder, file: number, data: Buffer, from: number, length: number, position: number) =>
    folder.write(file, data, from, length, position),
  writevSync: (folder, file: number, parts: readonly Buffer[], position: number) =>
    folder.write(file, Buffer.concat(parts), 0, undefined, position),
  ftruncateSync: (folder, file: number, length: number) => folder.truncate(file, length),
  fsyncSync: (folder, file: number) => folder.syncNow(file),
  fdatasyncSync: (folder, file: number) => folder.syncNow(file),
} satisfies ByPath;

const ofPromises = {
  writeFile: ofPaths.writeFileSync,
  appendFile: ofPaths.appendFileSync,
  mkdir: ofPaths.mkdirSync,
  rename: ofPaths.renameSync,
  link: ofPaths.linkSync,
  unlink: ofPaths.unlinkSync,
  rmdir: ofPaths.rmdirSync,
  rm: ofPaths.rmSync,
} satisfies ByPath;

/**
 * Calls that change files but that the watcher does not follow. It throws as soon as one of them is
 * called below a watched folder.
 */
const unknownCalls = [
  'truncateSync',
  'copyFileSync',
  'cpSync',
  'symlinkSync',
  'createWriteStream',
  'truncate',
  'copyFile',
  'cp',
  'symlink',
];
const unknownCallbacks = [
  'open',
  'writeFile',
  'appendFile',
  'mkdir',
  'rename',
  'link',
  'unlink',
  'rmdir',
  'rm',
];

function standInFront(): void {
  for (const [name, call] of Object.entries(ofPaths)) replace(fs, name, real, holding, call as Call);
  for (const [name, call] of Object.entries(ofFiles)) replace(fs, name, real, owning, call as Call);
  for (const name of ['fsync', 'fdatasync']) replace(fs, name, real, owning, callbackSync as Call);
  for (const [name, call] of Object.entries(ofPromises))
    replace(fs.promises, name, realPromises, holding, afterATurn(call as Call));
  replace(fs.promises, 'open', realPromises, holding, openHandle as Call);
  for (const name of [...unknownCalls, ...unknownCallbacks])
    replace(fs, name, real, holding, notFollowed(name));
  for (const name of unknownCalls)
    if (name in fs.promises) replace(fs.promises, name, realPromises, holding, notFollowed(name));
  for (const name of ['write', 'writev', 'ftruncate']) replace(fs, name, real, owning, notFollowed(name));
  syncBuiltinESMExports();
}

function replace(
  target: object,
  name: string,
  originals: object,
  find: (what: unknown) => WatchedFolder | undefined,
  call: Call,
): void {
  const original = Reflect.get(originals, name) as Call;
  const standIn = (...given: unknown[]): unknown => {
    const folder = find(given[0]);
    return folder === undefined
      ? original(...(given as never[]))
      : (call as (...all: unknown[]) => unknown)(folder, ...given);
  };
  Reflect.set(target, name, Object.assign(standIn, original));
}

/** Lets other work happen first, as a call in the thread pool would. */
const afterATurn =
  (call: Call): Call =>
  async (...given: never[]) => {
    await turn();
    call(...given);
    await turn();
  };

const notFollowed = (name: string) => () => {
  throw new Error(`the watcher of the file system does not follow ${name}: add it to watch-file-system.ts`);
};

function callbackSync(
  folder: WatchedFolder,
  file: number,
  done: (error: NodeJS.ErrnoException | null) => void,
): void {
  folder.sync(file).then(
    () => done(null),
    (error: NodeJS.ErrnoException) => done(error),
  );
}

/** The part of Node's FileHandle that the broker uses. */
async function openHandle(folder: WatchedFolder, path: string, flags?: string, mode?: number) {
  await turn();
  const file = folder.open(path, flags, mode);
  return {
    fd: file,
    async writeFile(data: Buffer | string) {
      await turn();
      if (data.length !== 0) folder.write(file, data);
    },
    async write(data: Buffer, from?: number, length?: number, position?: number | null) {
      await turn();
      return { bytesWritten: folder.write(file, data, from, length, position), buffer: data };
    },
    async truncate(length = 0) {
      await turn();
      folder.truncate(file, length);
    },
    sync: () => folder.sync(file),
    datasync: () => folder.sync(file),
    async read(into: Buffer, offset: number, length: number, position: number) {
      return { bytesRead: real.readSync(file, into, offset, length, position), buffer: into };
    },
    readFile: async (encoding?: BufferEncoding) =>
      encoding === undefined ? real.readFileSync(file) : real.readFileSync(file, encoding),
    stat: async () => real.fstatSync(file),
    async close() {
      await turn();
      folder.close(file);
    },
  };
}

standInFront();
