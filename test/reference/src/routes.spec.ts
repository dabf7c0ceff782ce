import { describe, expect, it } from '@jest/globals';
import { describedRoutes, routesPage } from './routes-page.ts';
import { pageWritten } from './workspace.ts';

describe('the page of routes', () => {
  it('R40 is what the apps describe', async () => {
    const wanted = await routesPage();
    expect(pageWritten('docs/reference/routes.md', wanted)).toBe(wanted);
  });

  it('R40 says of every route of every app what it does', async () => {
    const silent = [...(await describedRoutes())].flatMap(([app, routes]) =>
      routes
        .filter(({ operation }) => operation.summary === undefined)
        .map(({ method, path }) => `${app}: ${method} ${path} has no @Describe`),
    );
    expect(silent).toEqual([]);
  });
});
