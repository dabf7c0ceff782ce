import type { SagaView } from '@millrace/operations/contract';

type SagaEvent = SagaView['events'][number];

const stepMs = 250;
/** Of these events, one is a moment of the whole saga. */
const everySoOften = 50;

/** A saga that has sent commands again and again for hours, as a service answers for it. */
export class LongSaga {
  readonly path = '/ops/sagas/fulfillment/long';
  readonly #events: SagaEvent[];
  readonly #startedAt: number;
  readonly #until = new Date(Date.now() + 40_000).toISOString();

  constructor(events: number, startedAt: number) {
    this.#startedAt = startedAt;
    this.#events = Array.from({ length: events }, (_, index) => this.#event(index));
  }

  add(): void {
    this.#events.push(this.#event(this.#events.length));
  }

  /** The answer at a path of the operator API, if it is about this saga. */
  answer({ pathname, searchParams }: URL): object | undefined {
    if (pathname === this.path) return this.#view();
    if (pathname !== `${this.path}/events`) return undefined;
    const after = Number(searchParams.get('after') ?? searchParams.get('afterVersion'));
    const end = after + Number(searchParams.get('limit'));
    const items = this.#events
      .slice(after, end)
      .map((event, index) => ({ ...event, streamVersion: after + index + 1 }));
    return { items, nextCursor: end < this.#events.length ? String(end) : null };
  }

  #view(): SagaView {
    return {
      sagaId: 'long',
      definition: 'fulfillment',
      version: 1,
      status: 'running',
      streamVersion: this.#events.length,
      correlationId: 'long',
      startedAt: new Date(this.#startedAt).toISOString(),
      steps: [],
      compensations: [],
      timers: [],
      holds: [],
      waitsFor: [
        {
          step: 'ship',
          role: 'step',
          commandId: 'command-0',
          replies: ['ShipmentScheduled'],
          until: this.#until,
          why: 'Then it sends the command again.',
        },
      ],
      waits: [],
      branches: {},
      events: this.#events.slice(-1_000),
    };
  }

  /** Three of four events are of commands: sent, sent again, accepted. */
  #event(index: number): SagaEvent {
    const at = new Date(this.#startedAt + index * stepMs).toISOString();
    if (index === 0) return { type: 'SagaStarted', at };
    if (index % everySoOften === 0)
      return { type: 'OperatorActed', at, actor: 'ada', action: 'retry', reason: `INC-${index}` };
    const command = Math.floor(index / 3);
    const type = (['CommandSent', 'CommandResent', 'CommandAccepted'] as const)[index % 3]!;
    return { type, at, step: `step ${command}`, role: 'step', commandId: `command-${command}` };
  }
}
