/** A fault to put into the code, and the test that must fail with it. */
export interface Mutant {
  readonly name: string;
  /** The consequence in production. */
  readonly why: string;
  readonly file: string;
  /** The text to replace, which occurs exactly once in the file. */
  readonly replace: string;
  readonly by: string;
  readonly test: {
    readonly file: string;
    /** A part of the test's own title, as it is written in the file. */
    readonly name: string;
  };
}
