import { setTimeout as wait } from 'node:timers/promises';

/** One task. Those of one customer are to be done in order, and several follow each other. */
export interface Task {
  readonly number: number;
  readonly customer: string;
}

/** What the workers of both systems do, and how often. */
export interface TaskLoad {
  readonly tasks: number;
  readonly customers: number;
  /** Every so manieth task takes `slowMs`. */
  readonly slowEvery: number;
  readonly slowMs: number;
  /** Every so manieth task fails at its first attempt. */
  readonly failsOnceEvery: number;
  /** Every so manieth task fails at each attempt. */
  readonly failsAlwaysEvery: number;
}

export const attemptsMax = 3;
export const workers = 6;

const tasksInARow = 10;

export const taskOf = (number: number, { customers }: Pick<TaskLoad, 'customers'>): Task => ({
  number,
  customer: `customer-${Math.floor(number / tasksInARow) % customers}`,
});

/** How many tasks fail for good. */
export const failedOf = ({ tasks, failsAlwaysEvery }: TaskLoad): number =>
  Math.floor(tasks / failsAlwaysEvery);

/** A system that hands each task to one of its workers. */
export interface TaskQueue extends AsyncDisposable {
  readonly name: string;
  /** Resolves once every task is stored durably. */
  send(tasks: readonly Task[]): Promise<void>;
  /**
   * Starts the workers. Each does one task at a time. A task that fails comes again, at most
   * `attemptsMax` times, and then goes to the dead letters.
   */
  work(handle: (task: Task) => Promise<void>): Promise<AsyncDisposable>;
  /** Counts the dead letters. Waits a while for the last of so many. */
  deadLetters(wanted: number): Promise<number>;
  /** Reads every task again that is still there after all were done. */
  replay(): Promise<number>;
}

/** Does the tasks, and notes when and in which order. */
export class Ledger {
  readonly #load: TaskLoad;
  readonly #attempts = new Map<number, number>();
  /** The highest number of a customer's tasks that have been done. */
  readonly #newest = new Map<string, number>();
  readonly #ended = Promise.withResolvers<void>();
  #open: number;
  /** When the first attempt began and the last one ended. */
  firstAt = NaN;
  lastAt = NaN;
  readonly doneAt = new Map<number, number>();
  /** How many tasks were done after a later one of the same customer. */
  outOfOrder = 0;
  /** How many tasks were done more than once. */
  twice = 0;

  constructor(load: TaskLoad) {
    this.#load = load;
    this.#open = load.tasks;
  }

  /** Rejects for a task that fails. */
  readonly handle = async ({ number, customer }: Task): Promise<void> => {
    const { slowEvery, slowMs } = this.#load;
    if (this.#attempts.size === 0) this.firstAt = performance.now();
    if (number % slowEvery === slowEvery - 1) await wait(slowMs);
    const attempt = (this.#attempts.get(number) ?? 0) + 1;
    this.#attempts.set(number, attempt);
    if (this.#fails(number, attempt)) {
      if (attempt === attemptsMax) this.#end();
      throw new Error(`task ${number} fails at attempt ${attempt}`);
    }
    const newest = this.#newest.get(customer) ?? -1;
    if (number < newest) this.outOfOrder += 1;
    this.#newest.set(customer, Math.max(number, newest));
    if (this.doneAt.has(number)) this.twice += 1;
    else this.#end();
    this.doneAt.set(number, performance.now());
  };

  /** Resolves once each task is done or has failed for good. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  #fails(number: number, attempt: number): boolean {
    const { failsOnceEvery, failsAlwaysEvery } = this.#load;
    if (number % failsAlwaysEvery === failsAlwaysEvery - 1) return true;
    return attempt === 1 && number % failsOnceEvery === failsOnceEvery - 1;
  }

  #end(): void {
    this.#open -= 1;
    this.lastAt = performance.now();
    if (this.#open === 0) this.#ended.resolve();
  }
}
