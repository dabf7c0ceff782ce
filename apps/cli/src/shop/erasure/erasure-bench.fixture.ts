import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { millrace, type Answer, type Situation } from '../../cli.fixture.ts';
import { opsStub, type Asked, type OpsStub, type StubAnswer } from '../../ops-stub.fixture.ts';

export const path = '/ops/erasures/customer-17';
export const erased = {
  state: 'erased',
  at: '2026-11-23T10:00:00.000Z',
  cleared: { events: 2, snapshots: 0 },
};
export const closing = { state: 'waiting', reason: 'closing', until: '2026-11-23T10:00:15.000Z' };
export const open = { state: 'waiting', reason: 'open_work', open: { orders: ['order-9'] } };
export const sure = ['--reason', 'INC-7', '--yes'];

/** The bodies of the requests that act. */
export const bodiesOf = ({ asked }: OpsStub): readonly unknown[] =>
  asked.filter(({ method }) => method === 'POST').map(({ body }) => body);

/** The customer has two orders, on two pages. */
const pageOf = ({ path: wanted, query }: Asked): StubAnswer | undefined =>
  wanted === '/orders'
    ? query.cursor === undefined
      ? { body: { items: [{ orderId: 'one' }], nextCursor: 'next' } }
      : { body: { items: [{ orderId: 'two' }], nextCursor: null } }
    : undefined;

/** Services that a command asks, a folder of mails with two files, and a ledger in it. */
export class ErasureBench {
  readonly #stubs: OpsStub[] = [];
  readonly mails: string;

  private constructor(mails: string) {
    this.mails = mails;
  }

  static async open(): Promise<ErasureBench> {
    const bench = new ErasureBench(await mkdtemp(join(tmpdir(), 'millrace-erase-')));
    for (const order of ['one', 'three'])
      await writeFile(join(bench.mails, `${order}.order-completed@millrace.invalid.eml`), 'To: zora@x');
    return bench;
  }

  get ledger(): string {
    return join(this.mails, 'erasures.jsonl');
  }

  async stub(answer: (asked: Asked) => StubAnswer | undefined): Promise<OpsStub> {
    const stub = await opsStub(answer);
    this.#stubs.push(stub);
    return stub;
  }

  /** A service that gives each answer to one act, and the last one to all that follow. */
  service(...answers: readonly object[]): Promise<OpsStub> {
    const left = [...answers];
    return this.stub((asked) =>
      asked.path === path
        ? { body: asked.method === 'POST' && left.length > 1 ? left.shift() : left[0] }
        : pageOf(asked),
    );
  }

  /** A service without personal data. */
  stranger(): Promise<OpsStub> {
    return this.stub(() => undefined);
  }

  erase(
    services: Readonly<Record<string, OpsStub>>,
    args: readonly string[],
    situation: Situation = {},
  ): Promise<Answer> {
    const operators = Object.entries(services).flatMap(([name, { url }]) => ['--ops', `${name}=${url}`]);
    const folders = ['--mails', this.mails, '--ledger', this.ledger];
    const order = ['--service', `order=${services.order?.url}`];
    const customers = args.includes('--replay') ? [] : ['customer-17'];
    return millrace(['erase', ...customers, ...operators, ...order, ...folders, ...args], {
      environment: {},
      ...situation,
    });
  }

  async close(): Promise<void> {
    this.#stubs.forEach((stub) => stub.close());
    await rm(this.mails, { recursive: true, force: true });
  }
}
