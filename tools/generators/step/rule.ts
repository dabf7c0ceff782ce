import type { Tree } from '@nx/devkit';
import { sampleOf, type Kind } from '../source/sample-values.ts';
import { spellingsOf } from '../source/names.ts';

/** A field of a message that a rule looks at. */
export interface Field {
  readonly name: string;
  /** The schema as the participant's contracts write it. */
  readonly schema: string;
  readonly kind: Kind;
  /** The file of the contracts in which the names of the schema are known. */
  readonly path: string;
}

/** When a participant rejects its command, until a person has decided it. */
export interface Rule {
  /** The constant that the rule compares with. */
  readonly name: string;
  readonly constant: string;
  readonly comment: string;
  readonly condition: string;
  /** The title of its test. */
  readonly title: string;
  /** A value of the field that is accepted, and one that is rejected. */
  readonly accepted: string;
  readonly rejected: string;
}

const listMax = 20;

export function ruleOf(tree: Tree, { name, schema, kind, path }: Field): Rule {
  const limit = `${name}Max`;
  const title = `is rejected above a limit`;
  const sample = () => sampleOf(tree, { path, schema });
  switch (kind) {
    case 'number':
      return {
        name: limit,
        title,
        constant: `export const ${limit} = 100;`,
        comment: `The greatest ${name} that is accepted.`,
        condition: `command.${name} > ${limit}`,
        accepted: limit,
        rejected: `${limit} + 1`,
      };
    case 'money':
      return {
        name: limit,
        title,
        constant: `export const ${limit} = 1_000_00;`,
        comment: `The greatest ${name} that is accepted, in minor units of any currency.`,
        condition: `command.${name}.amount > ${limit}`,
        accepted: `{ amount: ${limit}, currency: 'EUR' }`,
        rejected: `{ amount: ${limit} + 1, currency: 'EUR' }`,
      };
    case 'list':
      return {
        name: limit,
        title,
        constant: `export const ${limit} = ${listMax};`,
        comment: `The greatest number of ${name} that is accepted.`,
        condition: `command.${name}.length > ${limit}`,
        accepted: listOf(limit, sample()),
        rejected: listOf(`${limit} + 1`, sample()),
      };
    default: {
      const refused = `refused${spellingsOf(name).pascal}s`;
      return {
        name: refused,
        title: 'is rejected for some values',
        constant: `export const ${refused}: ReadonlySet<string> = new Set(['nobody']);`,
        comment: `The values of ${name} that are rejected.`,
        condition: `${refused}.has(command.${name})`,
        accepted: sample(),
        rejected: `[...${refused}][0]!`,
      };
    }
  }
}

/** A list of so many elements, each with another text in its first field. */
function listOf(length: string, sample: string): string {
  const element = sample.slice(1, -1).trim();
  const numbered = element.replace(/'([\w.-]+)'/, (_, text: string) => `\`${text}-\${index}\``);
  const parameters = numbered === element ? '()' : '(_, index)';
  return `Array.from({ length: ${length} }, ${parameters} => (${numbered}))`;
}
