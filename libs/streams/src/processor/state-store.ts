/** State of one task. Null stands for no value, everywhere. */
export interface StateStore {
  readonly name: string;
}
