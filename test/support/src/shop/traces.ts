import { randomBytes } from 'node:crypto';
import type { StackPlaces } from '../stack/spawn-stack.ts';
import { until } from '../stack/until.ts';
import { ask } from './http.ts';

export interface Span {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>;
}

const kinds = ['?', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

export const isStatement = ({ attributes }: Span): boolean => attributes['db.system.name'] !== undefined;

/** A trace that a test begins. The shared stack samples only such traces. */
export class TestTrace {
  readonly traceId = randomBytes(16).toString('hex');
  /** The id of the caller's own span, which is never exported. */
  readonly callerSpanId = randomBytes(8).toString('hex');
  readonly #consoleUrl: string;

  constructor({ consoleUrl }: StackPlaces) {
    if (consoleUrl === undefined) throw new Error('this stack was started without --trace');
    this.#consoleUrl = consoleUrl;
  }

  get headers(): Readonly<Record<string, string>> {
    return { traceparent: `00-${this.traceId}-${this.callerSpanId}-01`, tracestate: 'test=millrace' };
  }

  async spans(): Promise<readonly Span[]> {
    const url = `${this.#consoleUrl}/api/trace/spans/${this.traceId}`;
    return (await ask<{ spans: readonly Span[] }>('GET', url)).spans;
  }

  /**
   * Waits until the trace has this tree, at most until the limit, and resolves to its tree for
   * `expect` to compare.
   */
  async grownTo(tree: string, limitMs = 20_000): Promise<string> {
    let seen = '';
    const same = async () => (seen = treeOf(await this.spans())) === tree;
    await until('a trace', limitMs, same).catch(() => undefined);
    return seen;
  }

  /**
   * Waits for a span of this name below the request's span, with at least this many spans of another
   * name between them, and resolves to the names on the longest such path. Without `through` it may
   * resolve to a shorter path than the trace will have: each service exports its spans when its own
   * batch is full or due.
   */
  async pathTo(name: string, through: { span: string; times: number } = { span: name, times: 1 }) {
    let path: readonly string[] = [];
    const whole = async () => {
      path = pathOf(await this.spans(), name);
      return (
        path[0] === 'POST /orders' && path.filter((span) => span === through.span).length >= through.times
      );
    };
    await until('a span', 20_000, whole).catch(() => undefined);
    return path;
  }
}

/**
 * The names on the longest path from the trace's first span to one of this name; empty when there
 * is none.
 */
function pathOf(spans: readonly Span[], name: string): readonly string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const upFrom = (span: Span | undefined): readonly string[] =>
    span === undefined ? [] : [...upFrom(byId.get(span.parentSpanId ?? '')), span.name];
  const paths = spans.filter((span) => span.name === name).map(upFrom);
  return paths.reduce((longest, path) => (path.length > longest.length ? path : longest), []);
}

/**
 * Returns the spans as a tree with one line each, such as `CONSUMER inventory: process
 * inventory-commands`, one column to the right of the parent. Siblings are sorted by name. The tree
 * leaves out three kinds of span:
 * - SQL statements;
 * - the work of timers, since a busy machine re-sends commands;
 * - read models that follow the topics in their own group.
 */
export function treeOf(spans: readonly Span[]): string {
  const shown = spans.filter((span) => !isStatement(span) && !isTimer(span) && !isProjection(span));
  const known = new Set(spans.map(({ spanId }) => spanId));
  const parentOf = ({ parentSpanId = '' }: Span) => (known.has(parentSpanId) ? parentSpanId : '');
  const under = (parent: string, indent: string): readonly string[] =>
    shown
      .filter((span) => parentOf(span) === parent)
      .map((span) => ({ span, line: `${kinds[span.kind] ?? '?'} ${span.service}: ${span.name}` }))
      .sort((one, other) => (one.line < other.line ? -1 : 1))
      .flatMap(({ span, line }) => [indent + line, ...under(span.spanId, `${indent} `)]);
  return under('', '').join('\n');
}

const isProjection = ({ service, attributes: { 'messaging.consumer.group.name': group } }: Span): boolean =>
  group !== undefined && group !== service;

export const isTimer = ({ name }: Span): boolean => name.startsWith('timer ');
