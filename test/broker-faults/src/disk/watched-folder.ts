import fs from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DiskCall, DiskOperation } from './disk-operation.ts';
import { NameTree } from './name-tree.ts';

/** Node's own calls, before the watcher replaces them. */
const real = { ...fs };

export interface WatchOptions {
  readonly onOperation: (operation: DiskOperation) => void;
  /** The error with which the call fails instead of being made. */
  readonly faultOf?: (call: DiskCall) => NodeJS.ErrnoException | undefined;
  /** The longest time that a sync takes. It exposes code that does not wait for a sync. */
  readonly syncMsMax: number;
  readonly random: () => number;
}

type Flags = string | number | undefined;
type Data = string | Uint8Array;

/**
 * Records every change below one folder, in order, as system calls would make it. What Node does in
 * several calls is several changes here.
 *
 * The files really change. Only syncs are simulated, since the tests never cut the power.
 */
export class WatchedFolder {
  readonly root: string;
  readonly #options: WatchOptions;
  readonly #tree: NameTree;
  readonly #paths = new Map<number, { readonly path: string; readonly node: number }>();
  #syncs = 0;

  constructor(root: string, options: WatchOptions) {
    this.root = root;
    this.#options = options;
    this.#tree = NameTree.of(root, (operation, path) => {
      options.onOperation(operation);
      if (operation.kind !== 'make' || operation.what === 'folder') return;
      options.onOperation({
        kind: 'write',
        node: operation.node,
        position: 0,
        bytes: real.readFileSync(join(root, path)),
      });
    });
  }

  holds(path: unknown): path is string {
    return typeof path === 'string' && (path === this.root || path.startsWith(`${this.root}/`));
  }

  owns(file: unknown): file is number {
    return typeof file === 'number' && this.#paths.has(file);
  }

  open(path: string, flags: Flags = 'r', mode?: number): number {
    const below = relative(this.root, path);
    const text = String(flags);
    const isNew = /^[wax]/.test(text) && !this.#tree.has(below);
    if (isNew) this.#check('make', below);
    const file = real.openSync(path, flags ?? 'r', mode);
    if (isNew) this.#note(this.#tree.make(below, 'file'));
    const node = this.#tree.idOf(below);
    if (text.startsWith('w') && !isNew) this.#note({ kind: 'truncate', node, length: 0 });
    this.#paths.set(file, { path: below, node });
    return file;
  }

  close(file: number): void {
    this.#paths.delete(file);
    real.closeSync(file);
  }

  write(file: number, data: Data, from = 0, length?: number, position?: number | null): number {
    const bytes =
      typeof data === 'string'
        ? Buffer.from(data)
        : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const part = Buffer.from(bytes.subarray(from, length === undefined ? undefined : from + length));
    const { path, node } = this.#opened(file);
    this.#check('write', path);
    const at = position ?? real.fstatSync(file).size;
    const written = real.writeSync(file, part, 0, part.length, at);
    this.#note({ kind: 'write', node, position: at, bytes: part.subarray(0, written) });
    return written;
  }

  truncate(file: number, length: number): void {
    const { path, node } = this.#opened(file);
    this.#check('truncate', path);
    real.ftruncateSync(file, length);
    this.#note({ kind: 'truncate', node, length });
  }

  syncNow(file: number): void {
    const { path, node } = this.#opened(file);
    this.#syncs += 1;
    this.#note({ kind: 'sync-begun', node, sync: this.#syncs });
    this.#check('sync', path);
    this.#note({ kind: 'sync-done', node, sync: this.#syncs });
  }

  async sync(file: number): Promise<void> {
    const { path, node } = this.#opened(file);
    this.#syncs += 1;
    const sync = this.#syncs;
    this.#note({ kind: 'sync-begun', node, sync });
    const { random, syncMsMax } = this.#options;
    await pause(random() * syncMsMax);
    this.#check('sync', path);
    this.#note({ kind: 'sync-done', node, sync });
  }

  writeFile(path: string, data: Data, flags = 'w'): void {
    const file = this.open(path, flags);
    try {
      if (data.length !== 0) this.write(file, data);
    } finally {
      this.close(file);
    }
  }

  makeFolder(path: string, options: { readonly recursive?: boolean } = {}): void {
    const below = relative(this.root, path);
    if (options.recursive === true && this.#tree.has(below)) return;
    this.#check('make', below);
    real.mkdirSync(path);
    this.#note(this.#tree.make(below, 'folder'));
  }

  rename(from: string, to: string): void {
    const left = relative(this.root, from);
    const put = relative(this.root, to);
    this.#check('rename', put);
    real.renameSync(from, to);
    this.#note(this.#tree.rename(left, put));
  }

  link(existing: string, path: string): void {
    const below = relative(this.root, path);
    this.#check('link', below);
    real.linkSync(existing, path);
    this.#note(this.#tree.link(relative(this.root, existing), below));
  }

  unlink(path: string): void {
    this.#remove(relative(this.root, path), real.unlinkSync);
  }

  removeFolder(path: string): void {
    this.#remove(relative(this.root, path), real.rmdirSync);
  }

  remove(path: string, options: { readonly recursive?: boolean; readonly force?: boolean } = {}): void {
    const below = relative(this.root, path);
    if (!this.#tree.has(below) && options.force === true) return;
    const isFolder = (each: string) => real.lstatSync(join(this.root, each)).isDirectory();
    const all = options.recursive === true ? [...this.#tree.below(below), below] : [below];
    for (const each of all) this.#remove(each, isFolder(each) ? real.rmdirSync : real.unlinkSync);
  }

  #remove(below: string, call: (path: string) => void): void {
    this.#check('remove', below);
    call(join(this.root, below));
    this.#note(this.#tree.remove(below));
  }

  #opened(file: number): { readonly path: string; readonly node: number } {
    const known = this.#paths.get(file);
    if (known === undefined) throw new Error(`file ${file} is not open`);
    return known;
  }

  #check(kind: DiskCall['kind'], path: string): void {
    const fault = this.#options.faultOf?.({ kind, path });
    if (fault !== undefined) throw fault;
  }

  #note(operation: DiskOperation): void {
    this.#options.onOperation(operation);
  }
}
