import type { FactoryProvider, Provider, Type } from '@nestjs/common';

/** The controllers that a module of the service adds to its operator API. */
interface OpsPart {
  readonly controllers: readonly Type[];
  /** The parts of the service that the controllers inject. */
  readonly providers: readonly Provider[];
}

/** The operator API as the modules of the service compose it. */
export interface OpsParts {
  add(part: OpsPart): void;
  readonly all: readonly OpsPart[];
}

export const OPS_PARTS = Symbol('OpsParts');

export function createOpsParts(): OpsParts {
  const all: OpsPart[] = [];
  return { all, add: (part) => void all.push(part) };
}

/**
 * Adds controllers to the operator API of the service. `parts` are the tokens that the controllers
 * inject. A module that is not used loads none of its controllers.
 */
export const provideOps = ({
  controllers,
  parts,
}: {
  readonly controllers: readonly Type[];
  readonly parts: readonly symbol[];
}): FactoryProvider<void> => ({
  provide: Symbol('operator API'),
  inject: [OPS_PARTS, ...parts],
  useFactory: (ops: OpsParts, ...found: unknown[]) => {
    const providers = parts.map((token, index) => ({ provide: token, useValue: found[index] }));
    ops.add({ controllers, providers });
  },
});
