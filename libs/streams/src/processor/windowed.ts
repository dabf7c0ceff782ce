/** A span of time in Unix milliseconds. Whether `endMs` belongs to it depends on the kind of window. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** A key within a window. */
export interface Windowed<K> {
  readonly key: K;
  readonly window: Window;
}
