/**
 * One change of a file system, as a system call makes it. Files and folders have numbers, since
 * their names change. The watched folder is 0.
 */
export type DiskOperation =
  | {
      readonly kind: 'make';
      readonly node: number;
      readonly folder: number;
      readonly name: string;
      readonly what: 'file' | 'folder';
    }
  | { readonly kind: 'link'; readonly node: number; readonly folder: number; readonly name: string }
  | { readonly kind: 'remove'; readonly folder: number; readonly name: string }
  | { readonly kind: 'rename'; readonly node: number; readonly from: NamePlace; readonly to: NamePlace }
  | { readonly kind: 'write'; readonly node: number; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly node: number; readonly length: number }
  /** Everything changed before the sync begins is on disk once the sync is done. */
  | { readonly kind: 'sync-begun'; readonly node: number; readonly sync: number }
  | { readonly kind: 'sync-done'; readonly node: number; readonly sync: number };

export interface NamePlace {
  readonly folder: number;
  readonly name: string;
}

/** A call that is about to be made, from which a test chooses a fault. */
export interface DiskCall {
  readonly kind: 'write' | 'sync' | 'truncate' | 'make' | 'link' | 'rename' | 'remove';
  /** The path relative to the watched folder. */
  readonly path: string;
}
