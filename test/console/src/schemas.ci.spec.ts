import { beforeAll, describe, expect, it } from '@jest/globals';
import { testBrowser } from './browser.ts';
import { cloth, clothSchema, hostile, registerCloth } from './cloth-schemas.ts';
import { sharedConsole } from './console-stack.ts';

const browser = testBrowser();
const address = sharedConsole();
beforeAll(registerCloth);

describe('the page of a subject', () => {
  it('shows its versions, what the second one has changed, and a text of a schema as text', () =>
    browser.visit(`${address}/schemas`, async (page) => {
      await page.getByRole('link', { name: cloth }).click();
      const first = page.getByRole('region', { name: 'Version 1' });
      const second = page.getByRole('region', { name: 'Version 2' });

      await first.getByText('The whole schema').waitFor();
      expect(await first.innerText()).not.toContain('width');
      await second.getByText('What it has changed').waitFor();
      const changes = (await second.locator('pre').first().innerText()).split('\n');
      expect(changes).toContain('-      "doc": "How it is woven",');
      expect(changes).toContain(`+      "doc": ${JSON.stringify(hostile)},`);
      expect(changes).toContain('+      "name": "width",');
      await second.getByText('The whole schema').click();
      await second.getByText('"name": "Cloth"').waitFor();
      expect(await page.title()).not.toBe('run');
      expect(await page.locator('img[src=x]').count()).toBe(0);
    }));

  it('says why the subject refuses a schema, and that it accepts another one', () =>
    browser.visit(
      `${address}/schemas/${cloth}`,
      async (page) => {
        const check = page.getByRole('region', { name: 'Check a schema' });
        const ask = async (schema: string) => {
          await check.getByLabel('Schema').fill(schema);
          await check.getByRole('button', { name: 'Check' }).click();
        };

        await ask(clothSchema({ name: 'metres', type: 'long' }));
        await check.getByText(`${cloth} refuses the schema`).waitFor();
        await check.getByText(/READER_FIELD_MISSING_DEFAULT_VALUE.*metres/).waitFor();
        await ask(clothSchema({ name: 'metres', type: 'long', default: 0 }));
        await check.getByText(`${cloth} accepts the schema`).waitFor();
        await page.getByText('Version 2').waitFor();
        expect(await page.getByText('Version 3').count()).toBe(0);
        await ask('{');
        await check.getByRole('alert').waitFor();
      },
      { expected: /422/ },
    ));
});
