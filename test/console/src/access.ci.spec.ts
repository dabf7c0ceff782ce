import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { expectAccessible } from './accessibility.ts';
import { attemptsOf, postForm } from './attempts.ts';
import { testBrowser } from './browser.ts';
import { foreignHost } from './chromium.ts';
import { anotherConsole, sharedConsole } from './console-stack.ts';
import { foreignPage } from './foreign-page.ts';

const browser = testBrowser();
const foreign = foreignPage();
const token = 'a-token-that-nobody-guesses';
const withToken = anotherConsole(() => ({ CONSOLE_TOKEN: token }));

/** Any act: the console refuses it before it looks for the saga. */
const act = {
  path: '/api/acts',
  body: {
    service: 'order',
    path: '/ops/sagas/fulfillment/none/actions',
    version: 1,
    order: { actor: 'mallory', reason: 'none', action: 'pause' },
  },
};
const aim = { console: sharedConsole(), act };
const nothing = {
  read: 'nothing',
  readBlindly: 'nothing',
  readStream: 'nothing',
  readPage: 'nothing',
  includeIcon: 'nothing',
  includeAnswer: 'nothing',
  frame: 'nothing',
  act: 'nothing',
  actBlindly: 'nothing',
};

interface Refusal {
  readonly status: number | undefined;
  readonly code: string | undefined;
}

/** Sends a request as no browser would. */
function answerTo(url: string, method: string, headers: Readonly<Record<string, string>>): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json');
        const code = isProblem ? (JSON.parse(text) as { code: string }).code : undefined;
        resolve({ status: answer.statusCode, code });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const session = '/api/session/me';

describe('a console without a token', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]'])('answers requests to %s', async (host) => {
    const answer = await answerTo(`${sharedConsole()}${session}`, 'GET', { host: `${host}:1` });
    expect(answer).toEqual({ status: 200, code: undefined });
  });

  it.each(['/', session])('Z42 refuses requests to another name: %s', async (path) => {
    for (const host of ['example.com', '192.168.0.7', 'localhost.example.com', '127.0.0.1.example.com'])
      expect(await answerTo(`${sharedConsole()}${path}`, 'GET', { host })).toEqual({
        status: 403,
        code: 'not_loopback',
      });
  });

  it.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
    { origin: 'https://example.com' },
  ])('refuses a request of a page of another origin: %j', async (headers) => {
    const refusal = { status: 403, code: 'foreign_page' };
    expect(await answerTo(`${sharedConsole()}${session}`, 'GET', headers)).toEqual(refusal);
    const more = { ...headers, 'x-millrace-console': '1' };
    expect(await answerTo(`${sharedConsole()}${act.path}`, 'POST', more)).toEqual(refusal);
  });

  it('refuses an act without its header', async () => {
    const refusal = { status: 403, code: 'foreign_page' };
    expect(await answerTo(`${sharedConsole()}${act.path}`, 'POST', {})).toEqual(refusal);
  });
});

describe('a page of another origin', () => {
  const anyError = /./;

  it('differs from the console itself, whose page can read and act', () =>
    browser.visit(
      sharedConsole(),
      async (page) => {
        const gains = await attemptsOf(page, aim);
        expect(gains).toMatchObject({
          read: 'an answer with 200',
          readStream: 'a stream',
          includeIcon: 'loaded',
          act: 'an answer with 404',
        });
      },
      { expected: anyError },
    ));

  it.each(['127.0.0.1', 'localhost', foreignHost])('Z41 can neither read nor act: %s', (host) =>
    browser.visit(
      foreign(host),
      async (page) => {
        expect(await attemptsOf(page, aim)).toEqual(nothing);
        expect(await postForm(page, aim)).toContain('The console answers its own page only');
      },
      { expected: anyError },
    ),
  );

  it('Z41 cannot reach the console by a name that leads to this machine', () =>
    browser.visit(
      `http://${foreignHost}:${new URL(sharedConsole()).port}/`,
      async (page) => {
        await page.getByText('answers only requests to a loopback address').waitFor();
      },
      { expected: anyError },
    ));

  it('Z41 can neither read nor act with the session of somebody who has signed in', () =>
    browser.visit(
      withToken(),
      async (page) => {
        await page.getByLabel(/token/).fill(token);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('heading', { name: 'Overview' }).waitFor();
        const own = { console: withToken(), act };
        for (const host of ['127.0.0.1', 'localhost']) {
          await page.goto(foreign(host));
          expect(await attemptsOf(page, own)).toEqual(nothing);
        }
      },
      { expected: anyError },
    ));
});

describe('a console with a token', () => {
  it('shows nothing before somebody signs in, and keeps the session from scripts', () =>
    browser.visit(
      withToken(),
      async (page) => {
        const field = page.getByLabel(/token/);
        await field.waitFor();
        await expectAccessible(page);
        await field.fill('a wrong token of somebody');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText('This is not the token').waitFor();
        expect(await page.context().cookies()).toEqual([]);

        await field.fill(token);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Overview' }).waitFor();
        await page.getByRole('row', { name: /^order ready / }).waitFor();
        const [cookie, ...others] = await page.context().cookies();
        expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
        expect(others).toEqual([]);
        expect(await page.evaluate(() => document.cookie)).toBe('');
        expect(JSON.stringify(await page.context().storageState())).not.toContain(token);

        await page.reload();
        await page.getByRole('row', { name: /^order ready / }).waitFor();
      },
      { expected: /status of 401/ },
    ));

  it('Z42 refuses every path of its API without a session', async () => {
    for (const path of [session, '/api/overview/live', '/api/sagas/live'])
      expect(await answerTo(`${withToken()}${path}`, 'GET', {})).toEqual({
        status: 401,
        code: 'not_signed_in',
      });
    const forged = { cookie: `millrace_console=${'A'.repeat(43)}` };
    expect(await answerTo(`${withToken()}${session}`, 'GET', forged)).toMatchObject({ status: 401 });
  });
});

describe('the files of the page', () => {
  it('allow only what the console itself serves, and have nothing inline', async () => {
    const answer = await fetch(sharedConsole());
    const policy = answer.headers.get('content-security-policy') ?? '';
    const html = await answer.text();
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'", "form-action 'self'"]),
    );
    expect(policy).not.toMatch(/unsafe|data:|\*/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  const scriptBytesMax = 120_000;

  it(`have at most ${scriptBytesMax} bytes of script, as they are sent, before the first view`, () =>
    browser.visit('about:blank', async (page) => {
      const sizes: Array<Promise<number>> = [];
      page.on('requestfinished', (sent) => {
        if (sent.resourceType() === 'script')
          sizes.push(sent.sizes().then(({ responseBodySize }) => responseBodySize));
      });
      await page.goto(sharedConsole());
      await page.getByRole('img', { name: /order is ready/ }).waitFor();
      const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0);
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(scriptBytesMax);
    }));
});
