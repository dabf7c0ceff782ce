/** The output of a command, and the person whom it can ask. */
export interface Terminal {
  /** Writes one line of results to standard output. */
  out(line: string): void;
  /** Writes one line for people to standard error. */
  err(line: string): void;
  /** Whether a person can answer a question here. */
  readonly interactive: boolean;
  /** Draws on the last line of standard error. Does nothing unless that is a terminal. */
  draw(line: string): void;
  /** Asks for a line. Resolves to undefined at the end of the input. */
  ask(question: string): Promise<string | undefined>;
  /** Asks for lines with a history, until the input ends. */
  lines(prompt: () => string): AsyncIterable<string>;
}
