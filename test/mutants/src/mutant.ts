/** A fault to put into the code, and the test that has to fail by it. */
export interface Mutant {
  /** What is wrong with it, in words. */
  readonly name: string;
  /** What would happen in production. */
  readonly why: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly replace: string;
  readonly by: string;
  readonly test: {
    readonly file: string;
    /** A part of the test's own name, as its file has it. */
    readonly name: string;
  };
}
