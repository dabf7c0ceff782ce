import { isTransactionTimeout } from './infrastructure-error.ts';
import type { ConsumerLimits } from './limits.ts';

/**
 * The maximum number of messages in one transaction. It halves after a slow transaction and
 * doubles after a quick one that was full.
 */
export class BatchSize {
  readonly #limits: Pick<ConsumerLimits, 'batchMessagesMax' | 'batchMsMax'>;
  #max: number;

  constructor(limits: Pick<ConsumerLimits, 'batchMessagesMax' | 'batchMsMax'>) {
    this.#limits = limits;
    this.#max = limits.batchMessagesMax;
  }

  get max(): number {
    return this.#max;
  }

  took(messages: number, handlingMs: number): void {
    const { batchMessagesMax, batchMsMax } = this.#limits;
    if (handlingMs > batchMsMax) this.#max = Math.max(1, Math.floor(Math.min(this.#max, messages) / 2));
    else if (messages >= this.#max && handlingMs < batchMsMax / 2)
      this.#max = Math.min(batchMessagesMax, this.#max * 2);
  }

  failed(error: unknown): void {
    if (isTransactionTimeout(error)) this.#max = Math.max(1, Math.floor(this.#max / 2));
  }
}
