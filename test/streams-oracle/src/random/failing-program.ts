import { isDescribedAlike } from '../compare/description.ts';
import { firstDifference } from '../compare/differences.ts';
import type { JavaOracle } from '../java-oracle.ts';
import { describeOurs, playOurs } from '../play-ours.ts';
import type { Step } from '../scripts/script.ts';
import type { Program } from './program.ts';
import { withProgram, type ProgramCase } from './random-topologies.ts';
import { shrunk } from './shrink.ts';

/** The fewest calls found that Java still describes or plays differently, with the same steps. */
export async function fewestCalls(
  java: JavaOracle,
  failing: ProgramCase,
  steps: readonly Step[],
): Promise<Program> {
  return shrunk(failing.program, async (shorter) => {
    const each = withProgram(failing, shorter);
    const topics = new Set(each.inputs.map(({ topic }) => topic));
    const readSteps = steps.filter((step) => 'advanceMs' in step || topics.has(step.topic));
    if (!isDescribedAlike(await java.describe(each), describeOurs(each))) return true;
    return firstDifference(await java.play(each, readSteps), playOurs(each, readSteps)) !== undefined;
  });
}

/** One line per call. */
export const programInWords = (program: Program): readonly string[] =>
  program.map(({ id, op, on, isNamed, ...settings }) => {
    const text = Object.keys(settings).length === 0 ? '' : ` ${JSON.stringify(settings)}`;
    return `    ${id} = ${op}(${on.join(', ')})${text}${isNamed ? ' named' : ''}`;
  });
