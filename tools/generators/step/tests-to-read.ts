import type { Tree } from '@nx/devkit';
import type { SagaSource } from '../source/saga-source.ts';
import { TypeScriptFile } from '../source/typescript-file.ts';
import { placesInOwnTest, placesInSystemTest, playedReplies, type NewStep } from './places-to-read.ts';

/** A step of the shop with all of its tests, written by hand. */
const sampleStep = 'test/forking/add-a-step.patch';

interface Tests {
  readonly saga: Pick<SagaSource, 'name' | 'path' | 'service'>;
  readonly paths: readonly string[];
  readonly step: NewStep;
  /** The reply to the step, which the tests have that need no more change. */
  readonly accepted: string;
  /** The reply before it. */
  readonly previousAccepted: string;
  /** Finds what happens around the step. */
  readonly mentions: RegExp;
  /** The files whose stories are told without the events of the step. */
  readonly unchanged: ReadonlySet<string>;
}

/**
 * Lists the places that a person has to read: those that the new step may make fail and, of the tests that
 * know the messages of each step, those of the shop from the patch that adds a step to its saga.
 */
export function testsToRead(tree: Tree, { saga, paths, step, ...tests }: Tests): readonly string[] {
  const patched = filesIn(tree.read(sampleStep, 'utf8') ?? '');
  const linesOf = patched.has(saga.path) ? linesOfShop : linesAround;
  const base = saga.path.replace(/\.saga\.ts$/, '');
  const files = paths.filter((path) => !path.startsWith(base)).map((path) => new TypeScriptFile(tree, path));
  const own = files.filter(({ path }) => path.startsWith(`apps/${saga.service}/`));
  const replies = own.flatMap((file) => playedReplies(file, step));
  return files.flatMap((file) => {
    const places = own.includes(file) ? placesInOwnTest(file, step, replies) : placesInSystemTest(file, step);
    return places.length > 0 ? places : linesOf(file, { saga, step, ...tests }, patched);
  });
}

const filesIn = (patch: string): ReadonlySet<string> =>
  new Set([...patch.matchAll(/^diff --git a\/(\S+) /gm)].map(([, path = '']) => path));

function linesOfShop(
  { path, text }: TypeScriptFile,
  { saga, step, accepted, previousAccepted, unchanged }: Omit<Tests, 'paths'>,
  patched: ReadonlySet<string>,
): readonly string[] {
  const spans = new RegExp(`saga ${saga.name} (${previousAccepted}|timer ${step.next})\\b`);
  if (spans.test(text)) return [`${path}: it names the spans of a trace`];
  const isDone = text.includes(accepted) || unchanged.has(path);
  return patched.has(path) && !isDone
    ? [`${path}: it knows the messages of each step: add those of ${step.name}, as ${sampleStep} does`]
    : [];
}

/** The lines that name what happens around the step, as `file:line: text`. */
const linesAround = (
  { path, text }: TypeScriptFile,
  { accepted, mentions, unchanged }: Omit<Tests, 'paths'>,
): readonly string[] =>
  text.includes(accepted) || unchanged.has(path)
    ? []
    : text
        .split('\n')
        .flatMap((line, index) => (mentions.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
