import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { alarmTable } from '@millrace/operations/alarms';
import type { Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { anotherConsole, stubService } from './console-stack.ts';

const browser = testBrowser();
const stub = stubService();
const address = anotherConsole(() => ({
  MILLRACE_SERVICES: `order=${stub.url},payment=http://127.0.0.1:1`,
}));

const since = '2026-01-01T00:00:00.000Z';

/** The alarms of the table, which a process reports itself. Each is at a place of its own. */
const alarms = Object.entries(alarmTable).map(([alarm, { rule, place, threshold }]) => ({
  rule,
  place: place.map((label) => `${label}=${alarm}`).join(' ') || 'process=order',
  active: {
    alarm,
    place: Object.fromEntries(place.map((label) => [label, alarm])),
    value: threshold + 1,
    threshold,
    runbook: rule,
    since,
  },
}));

const window = (service: string, which: string, errors: number) =>
  `millrace_http_requests_recent{service="${service}",window="${which}"} 1000
millrace_http_server_errors_recent{service="${service}",window="${which}"} ${errors}`;

/** The rules that Prometheus judges by expressions of its own, and the metrics that break them. */
const judged = [
  { rule: 'MillraceServiceDown', place: 'process=payment', metrics: () => '' },
  {
    rule: 'MillraceHttpErrorBudgetBurnsFast',
    place: 'service=fast',
    metrics: () => `${window('fast', '5m', 100)}\n${window('fast', '1h', 100)}`,
  },
  {
    rule: 'MillraceHttpErrorBudgetBurnsSlowly',
    place: 'service=slow',
    metrics: () => window('slow', '1h', 8),
  },
  {
    rule: 'MillraceFiguresStale',
    place: 'service=order watch=disk',
    metrics: () => 'millrace_watch_up{service="order",watch="disk"} 0',
  },
  {
    rule: 'MillraceNobodyConsumes',
    place: 'service=order group=left',
    metrics: () => 'millrace_consumer_partitions_owned{service="order",group="left"} 0',
  },
  {
    rule: 'MillraceConsumerFailing',
    place: 'group=order topic=fails',
    metrics: (looks: number) => `millrace_consumer_failures_total{group="order",topic="fails"} ${looks}`,
  },
  {
    rule: 'MillraceNobodyPublishes',
    place: 'service=silent',
    metrics: () => 'millrace_relay_publishing{service="silent"} 0',
  },
];
const faults = [...alarms, ...judged];

/** Lets the stub be a process for which every rule of the runbook holds, or one in which all is well. */
function say({ isWell }: { readonly isWell: boolean }): void {
  let looks = 0;
  stub.answers(({ pathname }) => {
    if (pathname === '/metrics')
      return isWell ? '' : judged.map(({ metrics }) => `${metrics((looks += 1))}\n`).join('');
    if (pathname !== '/readyz') return undefined;
    const active = isWell ? [] : alarms.map((one) => one.active);
    return { status: 'ready', roles: [], checks: { alarms: { healthy: true, details: { active } } } };
  });
}

/** A place as the page says it. */
const inWords = (place: string): string => place.replaceAll(' ', ', ').replaceAll('=', ' ');

const link = (page: Page, { rule, place }: { readonly rule: string; readonly place: string }) =>
  page
    .getByRole('region', { name: 'What calls for an operator' })
    .getByRole('listitem')
    .filter({ hasText: `${inWords(place)}:` })
    .locator(`a[href="/runbook/${rule}"]`);

const rules = readFileSync(join(import.meta.dirname, '../../../deploy/prometheus/rules.yml'), 'utf8');

describe('the runbook in the console', () => {
  it('Z47 has an entry for every alarm, to which the red alarm on the overview leads, and from there to the cause', () => {
    const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, alert]) => alert);
    expect(faults.map(({ rule }) => rule).sort()).toEqual([...new Set(alerts)].sort());

    say({ isWell: false });
    return browser.visit(address(), async (page) => {
      const causes = new Set<string>();
      for (const fault of faults) {
        await link(page, fault).click();
        await page.waitForURL(`**/runbook/${fault.rule}`);
        await page.getByRole('region', { name: 'What to do' }).getByRole('paragraph').first().waitFor();
        const here = page.getByRole('region', { name: 'Where it is seen now' });
        await here.getByText(inWords(fault.place), { exact: true }).waitFor();
        causes.add((await here.getByRole('link').getAttribute('href')) ?? '');
        await page.goBack();
      }
      for (const cause of causes) {
        await page.goto(new URL(cause, address()).href);
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect(await page.getByText('There is no such page').count()).toBe(0);
      }
    });
  });

  it('is no longer named once its cause is gone', () => {
    say({ isWell: true });
    return browser.visit(address(), async (page) => {
      const [down] = judged;
      await link(page, down!).waitFor();
      for (const fault of alarms) await link(page, fault).waitFor({ state: 'detached' });
    });
  });
});
