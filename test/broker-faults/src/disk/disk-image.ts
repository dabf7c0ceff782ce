import type { DiskOperation, NamePlace } from './disk-operation.ts';

/** How a crash treats what is on the disk. */
export type CrashKind =
  /** kill -9: everything that was written stays, because the kernel has it. */
  | 'killed'
  /** kill -9 in the middle of the last write. */
  | 'torn'
  /** Power loss at its worst: nothing that was not synced stays, neither bytes nor names. */
  | 'unsynced-lost'
  /**
   * Power loss: any part of what was not synced stays. Bytes stay in any order, in sectors of 512
   * bytes; the names of a folder stay up to any point.
   */
  | 'unsynced-random';

/** Maps each relative path to its bytes, or to `folder`. Folders come before what they contain. */
export type DiskContents = ReadonlyMap<string, Buffer | 'folder'>;

type NameChange = { readonly name: string; readonly node: number | undefined };
type DataChange = Extract<DiskOperation, { kind: 'write' | 'truncate' }>;

interface Pending<Change> {
  readonly at: number;
  readonly changes: readonly Change[];
}

interface FileNode {
  readonly what: 'file';
  durable: Buffer;
  pending: Array<Pending<DataChange>>;
}

interface FolderNode {
  readonly what: 'folder';
  durable: Map<string, number>;
  pending: Array<Pending<NameChange>>;
}

const sectorBytes = 512;
const nothing = Buffer.alloc(0);

/**
 * A disk that keeps track of what a crash cannot take away and what it can. It is as strict as
 * POSIX: syncing a file does not keep its name, syncing its folder does.
 */
export class DiskImage {
  readonly #nodes = new Map<number, FileNode | FolderNode>([[0, newFolder()]]);
  readonly #syncs = new Map<number, number>();
  #at = 0;
  #last: DiskOperation | undefined;

  /** The disk after these operations, with everything synced. */
  static durable(operations: readonly DiskOperation[]): DiskImage {
    const image = new DiskImage();
    for (const operation of operations) image.apply(operation);
    for (const id of image.#nodes.keys()) image.#settle(id, image.#at);
    return image;
  }

  apply(operation: DiskOperation): void {
    this.#at += 1;
    this.#last = operation;
    switch (operation.kind) {
      case 'make':
        this.#nodes.set(
          operation.node,
          operation.what === 'folder' ? newFolder() : { what: 'file', durable: nothing, pending: [] },
        );
        return this.#rename(operation, operation.node);
      case 'link':
        return this.#rename(operation, operation.node);
      case 'remove':
        return this.#rename(operation, undefined);
      case 'rename':
        return this.#move(operation);
      case 'write':
      case 'truncate':
        this.#file(operation.node).pending.push({ at: this.#at, changes: [operation] });
        return;
      case 'sync-begun':
        this.#syncs.set(operation.sync, this.#at);
        return;
      case 'sync-done':
        return this.#settle(operation.node, this.#syncs.get(operation.sync) ?? 0);
    }
  }

  /** The contents that a crash would leave at this moment. `random` returns numbers in [0, 1). */
  contents(kind: CrashKind, random: () => number): DiskContents {
    const found = new Map<string, Buffer | 'folder'>();
    const walk = (id: number, path: string) => {
      for (const [name, child] of this.#namesIn(this.#folder(id), kind, random)) {
        const childPath = path === '' ? name : `${path}/${name}`;
        const node = this.#nodes.get(child);
        found.set(childPath, node?.what === 'file' ? this.#bytesOf(node, kind, random) : 'folder');
        if (node?.what === 'folder') walk(child, childPath);
      }
    };
    walk(0, '');
    return found;
  }

  #rename({ folder, name }: NamePlace, node: number | undefined): void {
    this.#folder(folder).pending.push({ at: this.#at, changes: [{ name, node }] });
  }

  /** Within one folder, both names change at once. */
  #move({ node, from, to }: Extract<DiskOperation, { kind: 'rename' }>): void {
    if (from.folder !== to.folder) {
      this.#rename(to, node);
      this.#rename(from, undefined);
      return;
    }
    const changes = [
      { name: from.name, node: undefined },
      { name: to.name, node },
    ];
    this.#folder(from.folder).pending.push({ at: this.#at, changes });
  }

  #settle(id: number, upTo: number): void {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`there is no file ${id}`);
    if (node.what === 'folder') {
      node.durable = withNames(
        node.durable,
        node.pending.filter(({ at }) => at <= upTo),
      );
      node.pending = node.pending.filter(({ at }) => at > upTo);
      return;
    }
    node.durable = withData(node.durable, changesOf(node.pending.filter(({ at }) => at <= upTo)));
    node.pending = node.pending.filter(({ at }) => at > upTo);
  }

  #namesIn(folder: FolderNode, kind: CrashKind, random: () => number): ReadonlyMap<string, number> {
    if (kind === 'unsynced-lost') return folder.durable;
    const kept =
      kind === 'unsynced-random' ? Math.floor(random() * (folder.pending.length + 1)) : folder.pending.length;
    return withNames(folder.durable, folder.pending.slice(0, kept));
  }

  #bytesOf(file: FileNode, kind: CrashKind, random: () => number): Buffer {
    if (kind === 'unsynced-lost') return file.durable;
    const changes = changesOf(file.pending);
    if (kind === 'killed') return withData(file.durable, changes);
    if (kind === 'torn')
      return withData(
        file.durable,
        changes.map((change) => (change === this.#last ? torn(change, random) : change)),
      );
    return withData(
      file.durable,
      changes.flatMap((change) => survivors(change, random)),
    );
  }

  #file(id: number): FileNode {
    const node = this.#nodes.get(id);
    if (node?.what !== 'file') throw new Error(`${id} is not a file`);
    return node;
  }

  #folder(id: number): FolderNode {
    const node = this.#nodes.get(id);
    if (node?.what !== 'folder') throw new Error(`${id} is not a folder`);
    return node;
  }
}

function newFolder(): FolderNode {
  return { what: 'folder', durable: new Map(), pending: [] };
}

const changesOf = (pending: ReadonlyArray<Pending<DataChange>>): DataChange[] =>
  pending.flatMap(({ changes }) => changes);

function withNames(
  names: ReadonlyMap<string, number>,
  pending: ReadonlyArray<Pending<NameChange>>,
): Map<string, number> {
  const now = new Map(names);
  for (const { name, node } of pending.flatMap(({ changes }) => changes))
    if (node === undefined) now.delete(name);
    else now.set(name, node);
  return now;
}

function withData(bytes: Buffer, changes: readonly DataChange[]): Buffer {
  return changes.reduce((before, change) => {
    const end =
      change.kind === 'truncate'
        ? change.length
        : Math.max(before.length, change.position + change.bytes.length);
    const after = Buffer.alloc(end);
    before.copy(after, 0, 0, end);
    if (change.kind === 'write') change.bytes.copy(after, change.position);
    return after;
  }, bytes);
}

function torn(change: DataChange, random: () => number): DataChange {
  return change.kind === 'truncate'
    ? change
    : { ...change, bytes: change.bytes.subarray(0, Math.floor(random() * change.bytes.length)) };
}

/**
 * A write survives as a whole, not at all, or with some of its sectors. In the last case the file
 * may still have grown, with zeros in the missing sectors.
 */
function survivors(change: DataChange, random: () => number): readonly DataChange[] {
  const fate = random();
  if (fate < 0.4) return [change];
  if (fate < 0.7 || change.kind === 'truncate') return [];
  const bytes = Buffer.alloc(
    random() < 0.5 ? change.bytes.length : Math.floor(random() * change.bytes.length),
  );
  const first = sectorBytes - (change.position % sectorBytes);
  for (let at = 0; at < bytes.length; at += at === 0 ? first : sectorBytes)
    if (random() < 0.5)
      change.bytes.copy(bytes, at, at, Math.min(bytes.length, at + (at === 0 ? first : sectorBytes)));
  return [{ ...change, bytes }];
}
