import { ClientError } from '@millrace/streaming-core/client';
import { pause, type Clock } from '@millrace/streaming-core/runtime';
import type { Choices } from './choices.fake.ts';

/** The fate of a request and of its answer. */
type Fate = 'answered' | 'request lost' | 'answer lost';

const delayMsEnd = 8;
/** Longer than a transaction may stay open. */
const stallMs = 250;
const repeatMs = 5;

/** The connection from one process to the broker. A process may die in every call that it makes. */
export class Network {
  readonly #clock: Clock;
  readonly #choices: Choices;
  readonly #death = Promise.withResolvers<void>();
  #isDead = false;

  constructor(clock: Clock, choices: Choices) {
    this.#clock = clock;
    this.#choices = choices;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves when the process has died. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  die(): void {
    this.#isDead = true;
    this.#death.resolve();
  }

  /** Marks a moment at which the process may die. Throws if it is dead. */
  moment(): void {
    if (!this.#isDead && this.#choices.happens(4)) this.die();
    if (this.#isDead) throw new Error('the process is dead');
  }

  /**
   * Makes a request. If the process has died, the request may still be carried out, but the process
   * never learns of it.
   */
  async call<Result>(work: () => Result, onLost: () => ClientError = unreachable): Promise<Result> {
    const fate = this.#fate();
    await this.#travel();
    const outcome = fate === 'request lost' ? onLost() : await this.#outcome(work);
    await this.#travel();
    if (!this.#isDead && this.#choices.happens(4)) this.die();
    if (this.#isDead) return never();
    if (fate === 'answer lost') throw onLost();
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  /** Repeats requests that the broker refuses temporarily, as the client does. */
  async #outcome<Result>(work: () => Result): Promise<Result | Error> {
    for (;;)
      try {
        return work();
      } catch (error) {
        if (!(error instanceof ClientError) || error.kind !== 'retriable') return error as Error;
        if (this.#isDead) return never();
        await pause(this.#clock, repeatMs);
      }
  }

  #fate(): Fate {
    if (!this.#choices.happens(25)) return 'answered';
    return this.#choices.below(2) === 0 ? 'request lost' : 'answer lost';
  }

  async #travel(): Promise<void> {
    const delayMs = this.#choices.happens(3) ? stallMs : this.#choices.below(delayMsEnd);
    if (delayMs > 0) await pause(this.#clock, delayMs);
  }
}

const unreachable = () => new ClientError('unreachable', 'no answer');
const never = (): Promise<never> => new Promise(() => undefined);
