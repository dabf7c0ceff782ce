/** The files and folders outside of the folders `apps/SERVICE/src/choreography` that are only about choreographed orders. */
export const choreographyFiles = [
  'apps/console/src/shop/choreography',
  'apps/console/src/shop/page/choreography',
  'docs/CHOREOGRAPHY.md',
  'libs/books/src/choreography.ts',
  'test/console/src/choreographed.suite.ts',
  'test/e2e/src/choreographed.ci.spec.ts',
  'test/e2e/src/choreographed.e2e.spec.ts',
  'test/forking/src/remove-choreography.suite.ts',
  'test/mutants/src/choreography-mutants.ts',
  'test/reference/src/choreography.spec.ts',
  'test/simulation/src/choreography',
  'test/support/src/shop/choreographed.ts',
];
