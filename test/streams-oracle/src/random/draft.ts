import type { Dice } from '../scripts/dice.ts';
import type { Call, Program } from './program.ts';

export type Kind = 'stream' | 'table' | 'globalTable' | 'groups' | 'rowGroups' | 'windows' | 'none';

export interface Result {
  readonly id: number;
  readonly kind: Kind;
  /** About how many records one input record leads to. */
  readonly weight: number;
  /** Whether the serdes of a table are known, as some operators want. */
  readonly hasSerdes: boolean;
}

type WithoutPlace<C> = C extends unknown ? Omit<C, 'id' | 'on' | 'isNamed'> : never;

/** A call without its id, operands and name. */
export type Calling = WithoutPlace<Call>;

const namedProbability = 0.2;
const weightMax = 40;

/** A program that grows. */
export class Draft {
  readonly #dice: Dice;
  readonly #program: Call[] = [];
  readonly #results: Result[] = [];
  readonly #read = new Set<number>();

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  get program(): Program {
    return this.#program;
  }

  add(kind: Kind, calling: Calling, ...operands: readonly Result[]): Result {
    const weight = operands.reduce((sum, operand) => sum + operand.weight, 0);
    return this.addWeighted(kind, { calling, weight: Math.max(1, weight) }, ...operands);
  }

  addWeighted(
    kind: Kind,
    added: { readonly calling: Calling; readonly weight: number; readonly hasSerdes?: boolean },
    ...operands: readonly Result[]
  ): Result {
    const { calling, weight, hasSerdes = true } = added;
    const result = { id: this.#program.length, kind, weight, hasSerdes };
    const on = operands.map(({ id }) => id);
    for (const id of on) this.#read.add(id);
    const place = { id: result.id, on, isNamed: this.#dice.chance(namedProbability) };
    this.#program.push(Object.assign(place, calling) as Call);
    this.#results.push(result);
    return result;
  }

  /** One of the results of this kind, if there is one that does not lead to too many records. */
  pick(kind: Kind, holds: (result: Result) => boolean = () => true): Result | undefined {
    const found = this.#results.filter(
      (each) => each.kind === kind && each.weight <= weightMax && holds(each),
    );
    return found.length === 0 ? undefined : this.#dice.pick(found);
  }

  unread(): readonly Result[] {
    return this.#results.filter(({ id }) => !this.#read.has(id));
  }
}
