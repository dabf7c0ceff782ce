import { lettersInput, textInput, type Input } from '../scripts/input.ts';
import { cached, uncached, type TopologyCase } from '../topologies/topology-case.ts';
import { buildProgram } from './build-program.ts';
import { topicsOf, type Program } from './program.ts';
import { randomProgram } from './random-program.ts';

/** A topology whose calls Java is sent, since it has no name there. */
export interface ProgramCase extends TopologyCase {
  readonly program: Program;
}

/** Foreign keys are letters. */
const letterTopics: ReadonlySet<string> = new Set(['f', 'g']);

const inputOf = (topic: string): Input => (letterTopics.has(topic) ? lettersInput(topic) : textInput(topic));

const programSeed = (seed: number, number: number): number => seed * 10_000_019 + number;

/** The topologies of a seed, each without a cache and with one. */
export const randomTopologies = (seed: number, count: number): readonly ProgramCase[] =>
  Array.from({ length: count }, (_, number) => randomTopology(seed, number)).flat();

function randomTopology(seed: number, number: number): readonly ProgramCase[] {
  const program = randomProgram(programSeed(seed, number));
  return [caseOf(uncached, `random-${number}`, program), caseOf(cached, `cached-random-${number}`, program)];
}

/** The topology of such a name, or undefined if the name is of another form. */
export function randomTopologyNamed(name: string, seed: number): ProgramCase | undefined {
  const number = /^(?:cached-)?random-(\d+)$/.exec(name)?.[1];
  return number === undefined
    ? undefined
    : randomTopology(seed, Number(number)).find((each) => each.name === name);
}

/** The same topology with other calls. */
export const withProgram = (each: ProgramCase, program: Program): ProgramCase =>
  caseOf(each.cacheBytesMax === 0 ? uncached : cached, each.name, program);

function caseOf(cacheOf: typeof cached, name: string, program: Program): ProgramCase {
  const inputs = topicsOf(program).map(inputOf);
  return { ...cacheOf(name, inputs, (builder) => buildProgram(program, builder)), program };
}

export const isProgramCase = (each: TopologyCase): each is ProgramCase => 'program' in each;
