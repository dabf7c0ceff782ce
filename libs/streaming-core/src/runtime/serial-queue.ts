/**
 * Creates a queue that runs one piece of work at a time, in the order of the calls. A failure
 * reaches its own caller only; the queue continues with the next piece.
 */
export function serialQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
