import { serialQueue } from '../../runtime/index.ts';
import { QueuedLoad, type SendLoad, type SendQueueLimits } from './send-limits.ts';

/**
 * Runs tasks one at a time, in the order of the calls, and rejects what would exceed the limits.
 */
export class SendQueue {
  readonly #load: QueuedLoad;
  readonly #oneByOne = serialQueue();

  constructor(limits: SendQueueLimits) {
    this.#load = new QueuedLoad(limits);
  }

  run<Result>(load: SendLoad, task: () => Promise<Result>): Promise<Result> {
    this.#load.admit(load);
    return this.#oneByOne(() => task().finally(() => this.#load.release(load)));
  }
}
