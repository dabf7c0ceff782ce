import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { watchAnswers } from './watch-answers.ts';

/** A clock that moves only when the test says so, with the one timer that a watch has. */
class TestClock {
  #now = 0;
  #timer: { readonly at: number; readonly work: () => void } | undefined;

  get timers(): number {
    return this.#timer === undefined ? 0 : 1;
  }

  monotonic(): number {
    return this.#now;
  }

  after(span: number, work: () => void): () => void {
    const own = { at: this.#now + span, work };
    this.#timer = own;
    return () => {
      if (this.#timer === own) this.#timer = undefined;
    };
  }

  async advance(spanMs: number): Promise<void> {
    const end = this.#now + spanMs;
    for (let due = this.#timer; due !== undefined && due.at <= end; due = this.#timer) {
      this.#timer = undefined;
      this.#now = Math.max(this.#now, due.at);
      due.work();
      await setImmediate();
    }
    this.#now = end;
  }

  /** Lets time pass in which nothing runs. */
  suspend(spanMs: number): void {
    this.#now += spanMs;
  }
}

function watched() {
  const clock = new TestClock();
  const told: string[] = [];
  const questions: (() => void)[] = [];
  let answers = true;
  const { stop, unansweredMs } = watchAnswers({
    clock,
    unansweredMsMax: 20_000,
    ask: () => (answers ? Promise.resolve() : new Promise<void>((resolve) => void questions.push(resolve))),
    onSilent: (silentMs) => told.push(`silent for ${silentMs}`),
    onAnswer: () => told.push('answers again'),
  });
  return {
    clock,
    told,
    questions,
    stop,
    unansweredMs,
    fallSilent: () => (answers = false),
    answer() {
      answers = true;
      questions.splice(0).forEach((resolve) => resolve());
    },
  };
}

describe('a watch for answers', () => {
  it('reports nothing about a process that answers', async () => {
    const { clock, told } = watched();
    await clock.advance(120_000);

    expect(told).toEqual([]);
  });

  it('reports once that a process is silent, after the limit and not before, and that it answers again', async () => {
    const { clock, told, fallSilent, answer } = watched();
    await clock.advance(59_500);
    fallSilent();
    await clock.advance(20_500); // the question that is not answered comes after 0.5 s
    expect(told).toEqual([]);
    await clock.advance(2_000);
    expect(told).toEqual([expect.stringMatching(/^silent for 2\d{4}$/)]);
    await clock.advance(60_000);
    answer();
    await clock.advance(2_000);

    expect(told.slice(1)).toEqual(['answers again']);
  });

  it('says how long a question is unanswered, from the question to the answer', async () => {
    const { clock, unansweredMs, fallSilent, answer } = watched();
    await clock.advance(10_000);
    expect(unansweredMs()).toBe(0);
    fallSilent();
    await clock.advance(7_500); // the question that is not answered comes after 3 s
    expect(unansweredMs()).toBe(4_500);
    answer();
    await clock.advance(1_000);

    expect(unansweredMs()).toBe(0);
  });

  it('asks a process that answers five times per limit', async () => {
    const clock = new TestClock();
    let asked = 0;
    const { stop } = watchAnswers({
      clock,
      unansweredMsMax: 20_000,
      ask: () => Promise.resolve((asked += 1)),
      onSilent: () => undefined,
      onAnswer: () => undefined,
    });
    await clock.advance(60_000);
    stop();

    expect(asked).toBeLessThanOrEqual(16);
  });

  it('asks one question at a time', async () => {
    const { clock, questions, fallSilent } = watched();
    fallSilent();
    await clock.advance(60_000);

    expect(questions).toHaveLength(1);
  });

  it('R30 starts counting again if it was itself suspended', async () => {
    const { clock, told, fallSilent } = watched();
    await clock.advance(5_000);
    fallSilent();
    await clock.advance(15_000);
    clock.suspend(3_600_000);
    await clock.advance(19_000);
    expect(told).toEqual([]);
    await clock.advance(3_000);

    expect(told).toHaveLength(1);
  });

  it('counts a question that failed as unanswered, and asks again', async () => {
    const clock = new TestClock();
    let asked = 0;
    let silent = 0;
    const { stop } = watchAnswers({
      clock,
      unansweredMsMax: 20_000,
      ask: () => Promise.reject(new Error(`refused ${(asked += 1)}`)),
      onSilent: () => (silent += 1),
      onAnswer: () => undefined,
    });
    await clock.advance(30_000);
    stop();

    expect(asked).toBeGreaterThan(20);
    expect(silent).toBe(1);
  });

  it('ends when it is stopped', async () => {
    const { clock, told, fallSilent, stop } = watched();
    fallSilent();
    stop();
    await clock.advance(60_000);

    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
