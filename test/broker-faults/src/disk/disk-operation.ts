/** One change of a file system as its calls make it. Files and folders have numbers of their own, since names change; the watched folder is 0. */
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
  /** What was changed before it begins is on disk once it is done. */
  | { readonly kind: 'sync-begun'; readonly node: number; readonly sync: number }
  | { readonly kind: 'sync-done'; readonly node: number; readonly sync: number };

export interface NamePlace {
  readonly folder: number;
  readonly name: string;
}

/** A call before it is made: what a fault is decided by. */
export interface DiskCall {
  readonly kind: 'write' | 'sync' | 'truncate' | 'make' | 'link' | 'rename' | 'remove';
  /** Below the watched folder. */
  readonly path: string;
}
