import { describe, expect, it } from '@jest/globals';
import { partsOfPath, pathTo } from './paths.ts';

describe('the parts of a path', () => {
  const pattern = '/sagas/:service/:id';

  it.each(['1', 'a/b?c=d#e', '100 %', '<img>', 'ü'])('are read as they were written: %s', (id) =>
    expect(partsOfPath(pattern, pathTo('sagas', 'order', id))).toEqual({ service: 'order', id }),
  );

  it.each([
    '/sagas',
    '/sagas/order',
    '/sagas/order/',
    '/sagas/order/1/2',
    '/topics/order/1',
    '/sagas/order/%zz',
  ])('are undefined for %s', (path) => expect(partsOfPath(pattern, path)).toBeUndefined());
});
