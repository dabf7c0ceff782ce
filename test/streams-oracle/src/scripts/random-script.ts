import { diceOf, type Dice } from './dice.ts';
import type { Input } from './input.ts';
import { hexOf, type RecordStep, type Step } from './script.ts';

const stepsMin = 8;
const stepsMax = 40;

/** Spans at the edges of the windows of 5 s and 10 s. */
const edgesMs = [0, 1, 999, 1_000, 2_000, 3_000, 4_999, 5_000, 5_001, 9_999, 10_000, 13_000];
/** Many records of the same times. */
const crowdedMs = [0, 0, 1, 1_000, 5_000];
/** Spans of several windows, up to beyond the segments of the stores. */
const wideMs = [0, 5_000, 12_000, 25_000, 61_000, 130_000];
const leapsMs = [61_000, 130_000, 400_000];

/** The values that the steps of one script share. */
interface Mood {
  readonly spansMs: readonly number[];
  readonly advanceProbability: number;
  readonly lateProbability: number;
  readonly nullProbability: number;
  readonly keysMax: number;
  readonly repeatProbability: number;
}

/** Returns the same steps for the same seed and inputs. */
export function randomScript(seed: number, inputs: readonly Input[]): readonly Step[] {
  const dice = diceOf(seed);
  const mood: Mood = {
    spansMs: dice.pick([edgesMs, edgesMs, crowdedMs, wideMs]),
    advanceProbability: dice.pick([0.3, 0.6, 0.9]),
    lateProbability: dice.pick([0.05, 0.25, 0.5]),
    nullProbability: dice.pick([0.02, 0.12, 0.3]),
    keysMax: dice.pick([1, 2, 4]),
    repeatProbability: dice.pick([0.05, 0.35]),
  };
  const steps: Step[] = [];
  let nowMs = dice.pick([0, 0, 1_000, 20_000, 3_600_000]);
  const count = dice.between(stepsMin, stepsMax);
  while (steps.length < count) {
    if (dice.chance(0.04)) {
      steps.push({ advanceMs: dice.pick([1, 5_000, 10_000, 35_000]) });
      continue;
    }
    nowMs = nextTime(nowMs, mood, dice);
    const isLate = dice.chance(mood.lateProbability);
    const timestampMs = isLate ? Math.max(0, nowMs - dice.pick(mood.spansMs)) : nowMs;
    const step = recordFor(dice.pick(inputs), timestampMs, mood, dice);
    steps.push(step);
    if (dice.chance(mood.repeatProbability)) steps.push(step);
  }
  return steps;
}

function nextTime(nowMs: number, { spansMs, advanceProbability }: Mood, dice: Dice): number {
  if (dice.chance(0.02)) return nowMs + dice.pick(leapsMs);
  return dice.chance(advanceProbability) ? nowMs + dice.pick(spansMs) : nowMs;
}

function recordFor(
  { topic, keys, values }: Input,
  timestampMs: number,
  { keysMax, nullProbability }: Mood,
  dice: Dice,
): RecordStep {
  return {
    topic,
    key: dice.chance(0.05) ? null : hexOf(dice.pick(keys.slice(0, keysMax))),
    value: dice.chance(nullProbability) ? null : hexOf(dice.pick(values)),
    headers: dice.chance(0.15) ? headers(dice) : [],
    timestampMs,
  };
}

const headers = (dice: Dice): RecordStep['headers'] =>
  dice.pick<RecordStep['headers']>([
    [['trace', '01']],
    [
      ['trace', '02'],
      ['trace', null],
    ],
    [['empty', '']],
  ]);
