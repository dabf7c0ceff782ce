import type { OperatorNames } from '../operator-names.ts';

/** Which sides of a join are emitted without a match. */
export interface OuterSides {
  readonly left: boolean;
  readonly right: boolean;
}

export interface StreamJoinNames {
  readonly leftWindow: string;
  readonly rightWindow: string;
  readonly left: string;
  readonly right: string;
  readonly merge: string;
  readonly leftStore: string;
  readonly rightStore: string;
  readonly unmatchedStore: string;
}

/**
 * Draws the names of a join of streams. A `named` join numbers its stores all the same, unless the
 * stores have a name of their own.
 */
export function streamJoinNames(
  names: OperatorNames,
  outer: OuterSides,
  { name, storeName }: { readonly name?: string | undefined; readonly storeName?: string | undefined },
): StreamJoinNames {
  const leftSuffix = outer.right ? '-outer-this-join' : '-this-join';
  const rightSuffix = outer.left ? '-outer-other-join' : '-other-join';
  const leftWindow = names.suffixedNode('KSTREAM-WINDOWED-', name, '-this-windowed');
  const rightWindow = names.suffixedNode('KSTREAM-WINDOWED-', name, '-other-windowed');
  const leftPrefix = outer.right ? 'KSTREAM-OUTERTHIS-' : 'KSTREAM-JOINTHIS-';
  const left = names.node(leftPrefix);
  const right = names.node(outer.left ? 'KSTREAM-OUTEROTHER-' : 'KSTREAM-JOINOTHER-');
  const drawnUnmatched = `KSTREAM-OUTERSHARED-${left.slice(leftPrefix.length)}`;
  const unmatchedSuffix = outer.right ? '-outer-shared-join' : '-left-shared-join';
  return {
    leftWindow,
    rightWindow,
    left: name === undefined ? left : `${name}${leftSuffix}`,
    right: name === undefined ? right : `${name}${rightSuffix}`,
    merge: names.suffixedNode('KSTREAM-MERGE-', name, '-merge'),
    leftStore: `${storeName === undefined ? left : `${storeName}${leftSuffix}`}-store`,
    rightStore: `${storeName === undefined ? right : `${storeName}${rightSuffix}`}-store`,
    unmatchedStore: `${storeName === undefined ? drawnUnmatched : `${storeName}${unmatchedSuffix}`}-store`,
  };
}
