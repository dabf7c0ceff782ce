/**
 * How near in time records of two streams must be to be joined. A right record joins if it is at
 * most `beforeMs` older and at most `afterMs` younger than the left one, both included.
 */
export class JoinWindows {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;

  constructor(beforeMs: number, afterMs: number, graceMs: number) {
    if (!(beforeMs + afterMs >= 0)) {
      throw new RangeError(
        `A join window from ${beforeMs} ms before to ${afterMs} ms after is empty. Make their sum 0 or more`,
      );
    }
    if (!(graceMs >= 0)) {
      throw new RangeError(`The grace period of a join is ${graceMs} ms. Make it 0 or more`);
    }
    this.beforeMs = beforeMs;
    this.afterMs = afterMs;
    this.graceMs = graceMs;
  }

  /** How long the windows are, in milliseconds. */
  get sizeMs(): number {
    return this.beforeMs + this.afterMs;
  }

  /** Another limit for right records that are older. A negative one asks for younger ones. */
  before(differenceMs: number): JoinWindows {
    return new JoinWindows(differenceMs, this.afterMs, this.graceMs);
  }

  /** Another limit for right records that are younger. A negative one asks for older ones. */
  after(differenceMs: number): JoinWindows {
    return new JoinWindows(this.beforeMs, differenceMs, this.graceMs);
  }

  /** How long late records are waited for, in milliseconds. Left and outer joins emit so much later. */
  grace(graceMs: number): JoinWindows {
    return new JoinWindows(this.beforeMs, this.afterMs, graceMs);
  }
}

/** Records join whose times differ by at most this many milliseconds. No grace period. */
export const joinWindows = (differenceMs: number): JoinWindows =>
  new JoinWindows(differenceMs, differenceMs, 0);
