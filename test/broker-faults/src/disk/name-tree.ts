import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DiskOperation, NamePlace } from './disk-operation.ts';

interface TreeNode {
  readonly id: number;
  readonly entries: Map<string, TreeNode> | undefined;
}

/**
 * The current names below a watched folder, so that each change can say which file it concerns.
 * Paths are relative to the folder.
 */
export class NameTree {
  readonly #root: TreeNode = { id: 0, entries: new Map() };
  #lastId = 0;

  /**
   * Reports what the folder already contains as if it had just been created. Does not read the
   * contents of files.
   */
  static of(folder: string, found: (operation: DiskOperation, path: string) => void): NameTree {
    const tree = new NameTree();
    const walk = (below: string) => {
      for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
        const path = join(below, entry.name);
        found(tree.make(path, entry.isDirectory() ? 'folder' : 'file'), path);
        if (entry.isDirectory()) walk(path);
      }
    };
    walk('');
    return tree;
  }

  idOf(path: string): number {
    return this.#node(path).id;
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** Returns all paths below this one, the deepest first. */
  below(path: string): string[] {
    const { entries } = this.#node(path);
    return [...(entries?.keys() ?? [])].flatMap((name) => [
      ...this.below(join(path, name)),
      join(path, name),
    ]);
  }

  make(path: string, what: 'file' | 'folder'): DiskOperation {
    this.#lastId += 1;
    const node: TreeNode = { id: this.#lastId, entries: what === 'folder' ? new Map() : undefined };
    return { kind: 'make', node: node.id, what, ...this.#put(path, node) };
  }

  link(existing: string, path: string): DiskOperation {
    const node = this.#node(existing);
    return { kind: 'link', node: node.id, ...this.#put(path, node) };
  }

  rename(from: string, to: string): DiskOperation {
    const node = this.#node(from);
    const left = this.#take(from);
    return { kind: 'rename', node: node.id, from: left, to: this.#put(to, node) };
  }

  remove(path: string): DiskOperation {
    return { kind: 'remove', ...this.#take(path) };
  }

  #put(path: string, node: TreeNode): NamePlace {
    const folder = this.#node(dirname(path));
    folder.entries?.set(basename(path), node);
    return { folder: folder.id, name: basename(path) };
  }

  #take(path: string): NamePlace {
    const folder = this.#node(dirname(path));
    folder.entries?.delete(basename(path));
    return { folder: folder.id, name: basename(path) };
  }

  #find(path: string): TreeNode | undefined {
    const names = path === '' || path === '.' ? [] : path.split('/');
    return names.reduce<TreeNode | undefined>((node, name) => node?.entries?.get(name), this.#root);
  }

  #node(path: string): TreeNode {
    const node = this.#find(path);
    if (node === undefined) throw new Error(`${path} was created without the watcher's knowledge`);
    return node;
  }
}
