import type { Tree } from '@nx/devkit';
import type { SagaSource } from '../source/saga-source.ts';

/** A step of the shop with all of its tests, written by hand. */
const sampleStep = 'test/forking/add-a-step.patch';

interface Tests {
  readonly saga: Pick<SagaSource, 'name' | 'path'>;
  readonly paths: readonly string[];
  /** The reply to the step, which the tests have that need no more change. */
  readonly accepted: string;
  /** The reply before it, and the name of the part after it. */
  readonly previousAccepted: string;
  readonly next?: string;
  /** Finds what happens around the step. */
  readonly mentions: RegExp;
  /** The files whose stories are told without the events of the step. */
  readonly unchanged: ReadonlySet<string>;
}

/** Lists the tests that a person has to read, those of the shop from the patch that adds a step to its saga. */
export function testsToRead(tree: Tree, tests: Tests): readonly string[] {
  const patched = filesIn(tree.read(sampleStep, 'utf8') ?? '');
  const linesOf = patched.has(tests.saga.path) ? linesOfShop : linesAround;
  const base = tests.saga.path.replace(/\.saga\.ts$/, '');
  return tests.paths
    .filter((path) => !path.startsWith(base))
    .flatMap((path) => linesOf({ path, text: tree.read(path, 'utf8') ?? '' }, tests, patched));
}

interface TestFile {
  readonly path: string;
  readonly text: string;
}

const filesIn = (patch: string): ReadonlySet<string> =>
  new Set([...patch.matchAll(/^diff --git a\/(\S+) /gm)].map(([, path = '']) => path));

function linesOfShop(
  { path, text }: TestFile,
  { saga, accepted, previousAccepted, next, unchanged }: Tests,
  patched: ReadonlySet<string>,
): readonly string[] {
  const spans = new RegExp(`saga ${saga.name} (${previousAccepted}|timer ${next})\\b`);
  if (spans.test(text)) return [`${path}: it names the spans of a trace`];
  const isDone = text.includes(accepted) || unchanged.has(path);
  return patched.has(path) && !isDone ? [`${path}: ${sampleStep} changes it too`] : [];
}

/** The lines that name what happens around the step, as `file:line: text`. */
const linesAround = (
  { path, text }: TestFile,
  { accepted, mentions, unchanged }: Tests,
): readonly string[] =>
  text.includes(accepted) || unchanged.has(path)
    ? []
    : text
        .split('\n')
        .flatMap((line, index) => (mentions.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
