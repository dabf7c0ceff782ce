import type { Page } from 'playwright-core';

interface Aim {
  /** The origin of the console, without a slash at its end. */
  readonly console: string;
  /** A path that acts, and a body that it accepts. */
  readonly act: { readonly path: string; readonly body: object };
}

/** What a page has got from each of its attempts: `nothing`, or what it has seen. */
type Gains = Readonly<Record<string, string>>;

/** Lets a page try to read from the console and to act through it, in every way that browsers offer. */
export const attemptsOf = (page: Page, aim: Aim): Promise<Gains> =>
  page.evaluate(async ({ console, act }) => {
    const json = { 'content-type': 'application/json', 'x-millrace-console': '1' };
    const body = JSON.stringify(act.body);
    const fetched = (path: string, init: RequestInit) =>
      fetch(console + path, { credentials: 'include', ...init }).then(
        ({ status, type }) => (type === 'opaque' ? 'nothing' : `an answer with ${status}`),
        () => 'nothing',
      );
    const loaded = (name: 'img' | 'script', path: string) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(name);
        element.onload = () => resolve('loaded');
        element.onerror = () => resolve('nothing');
        element.src = console + path;
        document.body.append(element);
      });
    const framed = () =>
      new Promise<string>((resolve) => {
        const frame = document.createElement('iframe');
        frame.onload = () => {
          try {
            resolve(frame.contentDocument?.title || 'nothing');
          } catch {
            resolve('nothing'); // it is of another origin, as the page of an error is
          }
        };
        frame.src = `${console}/`;
        document.body.append(frame);
      });
    const streamed = () =>
      new Promise<string>((resolve) => {
        const source = new EventSource(`${console}/api/overview/live`, { withCredentials: true });
        const end = (what: string) => {
          source.close();
          resolve(what);
        };
        source.onopen = () => end('a stream');
        source.onerror = () => end('nothing');
      });
    return {
      read: await fetched('/api/session/me', {}),
      readBlindly: await fetched('/api/session/me', { mode: 'no-cors' }),
      readStream: await streamed(),
      readPage: await fetched('/', {}),
      includeIcon: await loaded('img', '/icon.svg'),
      includeAnswer: await loaded('script', '/api/session/me'),
      frame: await framed(),
      act: await fetched(act.path, { method: 'POST', headers: json, body }),
      actBlindly: await fetched(act.path, { method: 'POST', mode: 'no-cors', body }),
    };
  }, aim);

/** Sends a form with the act as its text, which needs no permission, and shows what the browser shows then. */
export async function postForm(page: Page, { console, act }: Aim): Promise<string> {
  await Promise.all([
    page.waitForURL(`${console}${act.path}`),
    page.evaluate(
      ({ action, body }) => {
        const form = document.createElement('form');
        const field = document.createElement('input');
        field.name = `${body.slice(0, -1)},"x":"`;
        field.value = '"}';
        form.method = 'POST';
        form.enctype = 'text/plain';
        form.action = action;
        form.append(field);
        document.body.append(form);
        form.submit();
      },
      { action: console + act.path, body: JSON.stringify(act.body) },
    ),
  ]);
  return page.locator('body').innerText();
}
