/** A saga in a list of the operator API. */
export interface ListedSaga {
  readonly sagaId: string;
  readonly definition: string;
  readonly status: string;
  readonly needsAttention: boolean;
  readonly paused: boolean;
  readonly step: string | null;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly updatedAt: string;
}

export interface StepProgress {
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly sentAt: string | null;
  readonly repliedAt: string | null;
}

/** One saga of the operator API. */
export interface SagaView {
  readonly sagaId: string;
  readonly definition: string;
  readonly version: number;
  readonly status: string;
  readonly reason?: string;
  readonly correlationId: string;
  readonly startedAt: string;
  readonly steps: readonly StepProgress[];
  readonly compensations: readonly StepProgress[];
  readonly timers: ReadonlyArray<{
    readonly step: string;
    readonly kind: string;
    readonly attempt: number;
    readonly dueAt: string;
  }>;
  readonly waitsFor: ReadonlyArray<{
    readonly step: string;
    readonly role: string;
    readonly replies: readonly string[];
  }>;
  readonly paused?: { readonly actor: string; readonly reason: string; readonly at: string };
  readonly events: ReadonlyArray<
    { readonly type: string; readonly at: string } & Readonly<Record<string, unknown>>
  >;
}

export const sagaPath = (id: string): string => `/ops/sagas/${encodeURIComponent(id)}`;
