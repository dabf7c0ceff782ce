import type { SagasPage, SagaView } from '@millrace/operations/contract';

export type { SagaView };
export type ListedSaga = SagasPage['items'][number];
export type StepProgress = SagaView['steps'][number];

export const sagaPath = (id: string): string => `/ops/sagas/${encodeURIComponent(id)}`;
