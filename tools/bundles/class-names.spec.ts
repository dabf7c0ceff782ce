import { describe, expect, it } from '@jest/globals';
import { classNamesIn, nameHelper, restoreClassNames } from './class-names.ts';

const sources = ['class Order {}', 'export class Payment extends Order {\n}', 'class Sha256 {}'];
const declared = new Set(sources.flatMap(classNamesIn));

/** Evaluates the bundle and returns the names of the classes in `classes`. */
function namesIn(bundle: string): readonly string[] {
  const restored = `${nameHelper}\n${restoreClassNames(bundle, declared)}\nreturn classes.map((each) => each.name);`;
  return new Function(restored)() as readonly string[];
}

describe('a class in a bundle', () => {
  it.each([
    ['gets its name back after a number was added', 'class Order2 {\n}\nconst classes = [Order2];', 'Order'],
    [
      'gets its name back behind an underscore',
      'var Order = class _Order {\n};\nconst classes = [Order];',
      'Order',
    ],
    [
      'gets its name back if it extends another',
      'class Order {\n}\nvar Payment3 = class _Payment3 extends Order {\n};\nconst classes = [Payment3];',
      'Payment',
    ],
    ['keeps a name that ends in a number', 'class Sha256 {\n}\nconst classes = [Sha256];', 'Sha256'],
    [
      'keeps a name that it sets itself',
      'class Order2 {\n  static get name() { return "own"; }\n}\nconst classes = [Order2];',
      'own',
    ],
  ])('%s', (_, bundle, name) => {
    expect(namesIn(bundle)).toEqual([name]);
  });

  it('keeps its lines', () => {
    const bundle = 'class Order2 {\n  constructor() {}\n}\n';

    expect(restoreClassNames(bundle, declared).split('\n')).toHaveLength(bundle.split('\n').length);
  });
});
