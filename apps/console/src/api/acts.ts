import type { ActsPage } from '@millrace/operations/contract';

export type Act = ActsPage['items'][number] & { readonly service: string };
